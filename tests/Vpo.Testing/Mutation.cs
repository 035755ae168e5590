using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;

namespace Vpo.Testing;

/// <summary>One way to damage a file.</summary>
internal abstract partial record Mutation
{
    private static readonly byte[] Marks = "\"{}[]:,-0129e.nt\\"u8.ToArray();   // of JSON

    // Counts, lengths and offsets that break careless arithmetic.
    private static readonly long[] Extremes = [0, 1, -1, 255, 65_536, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 40, 1L << 62, long.MaxValue, long.MinValue];

    public abstract byte[] Apply(byte[] good);

    private sealed record Change(int At, byte[] With) : Mutation
    {
        public override byte[] Apply(byte[] good)
        {
            var bytes = good.ToArray();
            With.AsSpan(0, Math.Min(With.Length, bytes.Length - At)).CopyTo(bytes.AsSpan(At));
            return bytes;
        }
    }

    private sealed record Cut(int Length) : Mutation
    {
        public override byte[] Apply(byte[] good) => good[..Length];
    }

    /// <summary>Repeats or drops a part: names twice, brackets without partners.</summary>
    private sealed record Splice(int From, int To, int At) : Mutation
    {
        public override byte[] Apply(byte[] good) => From < To ? [.. good[..At], .. good[From..To], .. good[At..]] : [.. good[..To], .. good[From..]];
    }

    /// <summary>Another number in a text.</summary>
    private sealed partial record Number(int At, long Value) : Mutation
    {
        public override byte[] Apply(byte[] good)
        {
            var text = Encoding.Latin1.GetString(good);
            var match = Digits().Match(text, At);
            return match.Success ? Encoding.Latin1.GetBytes(string.Concat(text.AsSpan(0, match.Index), Value.ToString(CultureInfo.InvariantCulture), text.AsSpan(match.Index + match.Length))) : good;
        }

        [GeneratedRegex(@"-?\d+(\.\d+)?(e-?\d+)?", RegexOptions.IgnoreCase)]
        private static partial Regex Digits();
    }

    /// <param name="length">Of the file.</param>
    /// <param name="header">Where most of the damage is to be done.</param>
    public static Gen<Mutation> Of(int length, int header)
    {
        var at = Gen.Frequency((4, Gen.Int[0, Math.Min(header, length) - 1]), (1, Gen.Int[0, length - 1]));
        return Gen.Frequency(
            (4, Gen.Select(at, Gen.Byte.Array[1, 4], (place, bytes) => (Mutation)new Change(place, bytes))),
            (3, Gen.Select(at, Gen.Int[0, Extremes.Length - 1].Select(i => Extremes[i]), (place, number) => (Mutation)new Change(place, BitConverter.GetBytes(number)))),
            (2, Gen.Select(at, Gen.Int[0, Marks.Length - 1], (place, mark) => (Mutation)new Change(place, [Marks[mark]]))),
            (2, Gen.Select(at, Gen.Int[0, Extremes.Length - 1].Select(i => Extremes[i]), (place, number) => (Mutation)new Number(place, number))),
            (2, Gen.Select(at, at, at, (from, to, place) => (Mutation)new Splice(from, to, place))),
            (1, Gen.Int[0, length - 1].Select(cut => (Mutation)new Cut(cut))));
    }
}
