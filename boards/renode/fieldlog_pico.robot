# Generated from boards/fieldlog_pico.board.json by `npm run gen`; do not edit.
*** Settings ***
Suite Setup       Setup
Suite Teardown    Teardown
Test Teardown     Test Teardown
Test Timeout      10 minutes

*** Test Cases ***
Records onto the card
    Execute Command           $rp2040=@${RP2040}
    Execute Command           $bootrom=@${BOOTROM}
    Execute Command           $firmware=@${FIRMWARE}
    Execute Command           include @${CURDIR}/fieldlog_pico.resc
    Create Terminal Tester    sysbus.uart0
    Start Emulation
    Wait For Line On Uart     logging    timeout=60
    Execute Command           emulation RunFor "00:00:10"
    Execute Command           pause
