using System.Buffers.Binary;
using LogPipeline.DurableFiles;

namespace LogPipeline.Tests.DurableFiles;

/// <summary>A scanner reads windows of 64 KiB; where one ends must make no difference.</summary>
public sealed class FrameScannerTests
{
    const uint Marker = 0xA1B2C3FF;
    const int Window = 64 * 1024;

    [Fact]
    public void AFrameBehindDamageIsFoundWhereverAWindowEnds()
    {
        foreach (var windows in (int[])[1, 2, 3])
            for (var damaged = windows * Window - 40; damaged < windows * Window + 40; damaged++)
                Found([.. Enumerable.Repeat((byte)'x', damaged), .. Frame("found"u8)]).ShouldBe(["found"], $"behind {damaged} bytes");
    }

    [Fact]
    public void AFrameAcrossTheEndOfAWindowIsReadWhole()
    {
        for (var first = Window - 60; first < Window + 20; first++)
            Found([.. Frame(new byte[first - 12]), .. Frame("second"u8), .. Frame("third"u8)]).Skip(1)
                .ShouldBe(["second", "third"], $"behind {first} bytes");
    }

    [Fact]
    public void ADamagedFrameAcrossTheEndOfAWindowCostsItselfAlone()
    {
        for (var first = Window - 60; first < Window + 20; first++)
        {
            var damaged = Frame("second"u8);
            damaged[^1] ^= 1;
            Found([.. Frame(new byte[first - 12]), .. damaged, .. Frame("third"u8)]).Skip(1).ShouldBe(["third"], $"behind {first} bytes");
        }
    }

    static List<string> Found(byte[] bytes)
    {
        using var store = TestStore.Of(StoreKind.Memory);
        store.Directory.WriteAll("log", bytes);
        using var file = store.Directory.Open("log", StoreOpen.Read);
        var scanner = new FrameScanner(file, Marker, 1 << 20, 0, file.Length);
        var found = new List<string>();
        while (scanner.MoveNext()) found.Add(Encoding.UTF8.GetString(scanner.Payload.Span));
        scanner.TornBytes.ShouldBe(0);
        return found;
    }

    static byte[] Frame(ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameScanner.HeaderSize + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Marker);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), FrameScanner.Checksum(frame.AsSpan(0, 8), payload));
        payload.CopyTo(frame.AsSpan(FrameScanner.HeaderSize));
        return frame;
    }
}
