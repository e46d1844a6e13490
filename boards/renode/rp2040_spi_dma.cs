// SPI and DMA of the RP2040 for Renode, as far as full-duplex transfers by DMA need them: the public RP2040 platform's SPI raises no
// transfer requests and its DMA no interrupts. Transfers take no time, so this proves function, not speed.
// Source: RP2040 datasheet 4.4 (PL022), 2.5 (DMA) and 2.1.2 (atomic register access).

using System.Collections.Generic;
using Antmicro.Renode.Core;
using Antmicro.Renode.Core.Structure;
using Antmicro.Renode.Peripherals.Bus;

namespace Antmicro.Renode.Peripherals.SPI
{
    public class FieldlogSpi : NullRegistrationPointPeripheralContainer<ISPIPeripheral>, IDoubleWordPeripheral, IKnownSize
    {
        public FieldlogSpi(IMachine machine) : base(machine)
        {
            Reset();
        }

        // Registers and their three atomic aliases.
        public long Size => 0x4000;

        public bool CanSend => true;
        public bool HasReceived => received.Count > 0;

        public override void Reset()
        {
            received.Clear();
            registers.Clear();
        }

        public uint ReadDoubleWord(long offset)
        {
            switch(offset & 0xfff)
            {
            case DataRegister:
                return received.Count > 0 ? received.Dequeue() : 0u;
            case StatusRegister:
                return TransmitEmpty | TransmitNotFull | (received.Count > 0 ? ReceiveNotEmpty : 0u) | (received.Count >= FifoDepth ? ReceiveFull : 0u);
            default:
                uint value;
                return registers.TryGetValue(offset & 0xfff, out value) ? value : 0u;
            }
        }

        public void WriteDoubleWord(long offset, uint value)
        {
            var register = offset & 0xfff;
            if(register != DataRegister)
            {
                uint old;
                registers.TryGetValue(register, out old);
                registers[register] = Atomic.Apply(offset, old, value);
                return;
            }
            var answer = RegisteredPeripheral == null ? (byte)0xff : RegisteredPeripheral.Transmit((byte)value);
            // A full receive FIFO loses the byte, as on the chip.
            if(received.Count < FifoDepth)
            {
                received.Enqueue(answer);
            }
        }

        private readonly Queue<byte> received = new Queue<byte>();
        private readonly Dictionary<long, uint> registers = new Dictionary<long, uint>();

        private const int FifoDepth = 8;
        private const long DataRegister = 0x08;
        private const long StatusRegister = 0x0c;
        private const uint TransmitEmpty = 1u << 0;
        private const uint TransmitNotFull = 1u << 1;
        private const uint ReceiveNotEmpty = 1u << 2;
        private const uint ReceiveFull = 1u << 3;
    }

    internal static class Atomic
    {
        // Aliases at +0x1000 exclusive or, +0x2000 set, +0x3000 clear.
        public static uint Apply(long offset, uint old, uint value)
        {
            switch((offset >> 12) & 3)
            {
            case 1: return old ^ value;
            case 2: return old | value;
            case 3: return old & ~value;
            default: return value;
            }
        }
    }
}

namespace Antmicro.Renode.Peripherals.DMA
{
    public class FieldlogDma : IDoubleWordPeripheral, IKnownSize
    {
        public FieldlogDma(IMachine machine, SPI.FieldlogSpi spi0)
        {
            bus = machine.GetSystemBus(this);
            this.spi0 = spi0;
            IRQ = new GPIO();
            for(var i = 0; i < Channels; i++)
            {
                channels[i] = new Channel();
            }
            Reset();
        }

        public GPIO IRQ { get; private set; }

        public long Size => 0x4000;

        public void Reset()
        {
            for(var i = 0; i < Channels; i++)
            {
                channels[i].Read = channels[i].Write = channels[i].Count = channels[i].Reload = 0;
                channels[i].Control = (uint)i << 11;
            }
            raised = enabled = 0;
            IRQ.Unset();
        }

        public uint ReadDoubleWord(long offset)
        {
            var register = offset & 0xfff;
            if(register < 0x40 * Channels)
            {
                var channel = channels[register / 0x40];
                switch(Aliases[(int)(register % 0x40) / 4])
                {
                case 'r': return channel.Read;
                case 'w': return channel.Write;
                case 'n': return channel.Count;
                default: return channel.Control;
                }
            }
            switch(register)
            {
            case RawInterrupts: return raised;
            case Enable0: return enabled;
            case Status0: return raised & enabled;
            case ChannelCount: return Channels;
            default: return 0;
            }
        }

        public void WriteDoubleWord(long offset, uint value)
        {
            var register = offset & 0xfff;
            if(register < 0x40 * Channels)
            {
                WriteChannel(offset, (int)(register / 0x40), (int)(register % 0x40) / 4, value);
            }
            else if(register == RawInterrupts || register == Status0)
            {
                raised &= ~value;
            }
            else if(register == Enable0)
            {
                enabled = SPI.Atomic.Apply(offset, enabled, value);
            }
            else if(register == MultiTrigger)
            {
                for(var i = 0; i < Channels; i++)
                {
                    if((value & (1u << i)) != 0)
                    {
                        Start(channels[i]);
                    }
                }
            }
            else if(register == Abort)
            {
                for(var i = 0; i < Channels; i++)
                {
                    if((value & (1u << i)) != 0)
                    {
                        channels[i].Control &= ~Busy;
                    }
                }
            }
            Pump();
            IRQ.Set((raised & enabled) != 0);
        }

        private void WriteChannel(long offset, int index, int register, uint value)
        {
            var channel = channels[index];
            switch(Aliases[register])
            {
            case 'r': channel.Read = value; break;
            case 'w': channel.Write = value; break;
            case 'n': channel.Reload = value; break;
            default: channel.Control = (SPI.Atomic.Apply(offset, channel.Control, value) & Writable) | (channel.Control & Busy); break;
            }
            // The last register of each of the four aliases starts the channel (2.5.2.1); writing 0 to it does not.
            if(register % 4 == 3 && value != 0)
            {
                Start(channel);
            }
        }

        private static void Start(Channel channel)
        {
            if((channel.Control & Enabled) != 0 && (channel.Control & Busy) == 0)
            {
                channel.Count = channel.Reload;
                channel.Control |= channel.Count > 0 ? Busy : 0u;
            }
        }

        // Moves one unit of every channel that may, until none can: sender and receiver of a bus take turns.
        private void Pump()
        {
            if(pumping)
            {
                return;
            }
            pumping = true;
            for(var moved = true; moved;)
            {
                moved = false;
                for(var i = 0; i < Channels; i++)
                {
                    if((channels[i].Control & Busy) != 0 && Ready(channels[i]))
                    {
                        Move(i, channels[i]);
                        moved = true;
                    }
                }
            }
            pumping = false;
        }

        private bool Ready(Channel channel)
        {
            switch((channel.Control >> 15) & 0x3f)
            {
            case SendRequest: return spi0.CanSend && !spi0.HasReceived;
            case ReceiveRequest: return spi0.HasReceived;
            default: return true;
            }
        }

        private void Move(int index, Channel channel)
        {
            var size = 1u << (int)((channel.Control >> 2) & 3);
            Store(channel.Write, size, Load(channel.Read, size));
            channel.Read += (channel.Control & IncrementRead) != 0 ? size : 0u;
            channel.Write += (channel.Control & IncrementWrite) != 0 ? size : 0u;
            if(--channel.Count > 0)
            {
                return;
            }
            channel.Control &= ~Busy;
            if((channel.Control & Quiet) == 0)
            {
                raised |= 1u << index;
            }
            var next = (int)((channel.Control >> 11) & 0xf);
            if(next != index && next < Channels)
            {
                Start(channels[next]);
            }
        }

        // Peripherals answer whole words only.
        private uint Load(uint address, uint size)
        {
            if(IsPeripheral(address) || size == 4)
            {
                return bus.ReadDoubleWord(address);
            }
            return size == 2 ? bus.ReadWord(address) : bus.ReadByte(address);
        }

        private void Store(uint address, uint size, uint value)
        {
            if(IsPeripheral(address) || size == 4)
            {
                bus.WriteDoubleWord(address, size == 1 ? value & 0xff : value);
            }
            else if(size == 2)
            {
                bus.WriteWord(address, (ushort)value);
            }
            else
            {
                bus.WriteByte(address, (byte)value);
            }
        }

        private static bool IsPeripheral(uint address) => address >= 0x40000000 && address < 0x60000000;

        private sealed class Channel
        {
            public uint Read, Write, Count, Reload, Control;
        }

        private readonly IBusController bus;
        private readonly SPI.FieldlogSpi spi0;
        private readonly Channel[] channels = new Channel[Channels];
        private uint raised, enabled;
        private bool pumping;

        // READ_ADDR, WRITE_ADDR, TRANS_COUNT and CTRL in the order of the four aliases (2.5.7).
        private const string Aliases = "rwnCCrwnCnrwCwnr";
        private const int Channels = 12;
        private const long RawInterrupts = 0x400;
        private const long Enable0 = 0x404;
        private const long Status0 = 0x40c;
        private const long MultiTrigger = 0x430;
        private const long Abort = 0x444;
        private const long ChannelCount = 0x448;
        private const uint Enabled = 1u << 0;
        private const uint IncrementRead = 1u << 4;
        private const uint IncrementWrite = 1u << 5;
        private const uint Quiet = 1u << 21;
        private const uint Busy = 1u << 24;
        private const uint Writable = 0xffffff;
        private const uint SendRequest = 16;
        private const uint ReceiveRequest = 17;
    }
}
