# Generated from boards/fieldlog_pico.board.json by `npm run gen`; do not edit.
# RUN: the folder that `npm run emulate -- --prepare FOLDER` filled. VERDICT: what judges a card, .build/test/emulate/card.js.
*** Settings ***
Library           Process
Suite Setup       Setup
Suite Teardown    Teardown
Test Teardown     Test Teardown
Test Timeout      10 minutes

*** Keywords ***
Boot
    [Arguments]    ${card}
    Execute Command           $rp2040=@${RP2040}
    Execute Command           $bootrom=@${RUN}/bootrom.bin
    Execute Command           $firmware=@${RUN}/firmware.bin
    Execute Command           $card=@${RUN}/${card}.repl
    Execute Command           include @${CURDIR}/fieldlog_pico.resc
    Create Terminal Tester    sysbus.uart0

Record And Judge
    [Arguments]    ${card}    ${expected}
    Start Emulation
    Wait For Line On Uart     logging    timeout=60    pauseEmulation=true
    Execute Command           emulation RunFor "00:00:10"
    Execute Command           Clear
    ${judged}=    Run Process    node    ${VERDICT}    ${RUN}/${card}.img
    Log To Console            ${judged.stdout}
    Should Be Equal As Integers    ${judged.rc}    ${expected}    ${judged.stdout}${judged.stderr}

*** Test Cases ***
Records onto the card
    Boot                      card
    Record And Judge          card    0

Records nothing with the straps low, and that is seen
    Boot                      low
    Execute Command           sysbus.gpio OnGPIO 20 False
    Execute Command           sysbus.gpio OnGPIO 21 False
    Record And Judge          low    1
