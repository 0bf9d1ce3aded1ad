namespace Temporalio.Common;

/// <summary>
/// Random numbers from a seed, the same for ever: xoshiro256** (Blackman and Vigna), seeded through SplitMix64.
/// </summary>
public class DeterministicRandom : Random
{
    readonly ulong[] _state = new ulong[4];

    public DeterministicRandom(ulong seed)
    {
        for (var i = 0; i < 4; i++)
        {
            seed += 0x9E3779B97F4A7C15;
            var z = seed;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            _state[i] = z ^ (z >> 31);
        }
    }

    public override int Next() => Next(int.MaxValue);

    public override int Next(int maxValue) => Next(0, maxValue);

    public override int Next(int minValue, int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        return (int)(minValue + (long)(Sample() * ((long)maxValue - minValue)));
    }

    public override double NextDouble() => Sample();

    public override void NextBytes(byte[] buffer)
    {
        var word = 0UL;
        for (var i = 0; i < buffer.Length; i++, word >>= 8)
        {
            if (i % 8 == 0) word = NextWord();
            buffer[i] = (byte)word;
        }
    }

    protected override double Sample() => (NextWord() >> 11) * (1.0 / (1UL << 53));

    ulong NextWord()
    {
        var result = ulong.RotateLeft(_state[1] * 5, 7) * 9;
        var t = _state[1] << 17;
        _state[2] ^= _state[0];
        _state[3] ^= _state[1];
        _state[1] ^= _state[2];
        _state[0] ^= _state[3];
        _state[2] ^= t;
        _state[3] = ulong.RotateLeft(_state[3], 45);
        return result;
    }
}
