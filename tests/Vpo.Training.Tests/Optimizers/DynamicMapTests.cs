using CsCheck;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>8-bit dynamic quantization in blocks: its levels, and the laws of packing and unpacking.</summary>
public sealed class DynamicMapTests
{
    private const int Block = NarrowMoment.Block;

    private static readonly Gen<float> Number = Gen.Select(Gen.Double[-1, 1], Gen.Int[-12, 3]).Select((x, power) => (float)(x * Math.Pow(10, power)));

    private static readonly Gen<float[]> Numbers = Gen.Frequency((8, Number), (1, Gen.Const(0f)), (1, Gen.Const(-0f))).Array[1, 700];

    [Fact]
    public void Levels_AreThoseOfThePublishedMap()
    {
        var (signed, unsigned) = (DynamicMap.Signed.Values.ToArray(), DynamicMap.Unsigned.Values.ToArray());
        Assert.Equal(256, signed.Distinct().Count());
        Assert.Equal(256, unsigned.Distinct().Count());
        Assert.Equal([.. signed.Order()], signed);
        Assert.Equal([.. unsigned.Order()], unsigned);
        Assert.Equal((127, 0), (DynamicMap.Signed.Zero, DynamicMap.Unsigned.Zero));
        // Decade by decade: one level 5.5e-7 up to 64 between 0.1 and 1, twice as many without a sign.
        Assert.Equal([1, 2, 4, 8, 16, 32, 64], Decades(signed));
        Assert.Equal([2, 4, 8, 16, 32, 64, 128], Decades(unsigned));
        Assert.Equal((5.5e-7f, 0.99296875f, 1f, -0.99296875f), (signed[128], signed[254], signed[255], signed[0]));
        Assert.Equal((3.25e-7f, 0.99648438f, 1f), (unsigned[1], unsigned[254], unsigned[255]));

        static int[] Decades(float[] levels) => [.. Enumerable.Range(-7, 7).Select(power => levels.Count(l => l > Math.Pow(10, power) && l < Math.Pow(10, power + 1)))];
    }

    [Fact]
    public void Nearest_AnyNumber_NoOtherLevelIsNearer() =>
        Gen.Select(Gen.Bool, Gen.Select(Gen.Double[-1, 1], Gen.Int[-8, 0])).Sample((signed, drawn) =>
        {
            var map = signed ? DynamicMap.Signed : DynamicMap.Unsigned;
            var x = (float)(drawn.Item1 * Math.Pow(10, drawn.Item2));
            var off = Math.Abs((double)map.Values[map.Nearest(x)] - x);
            // Halfway is rounded to float32, so that two levels may be equally near but for that (0.015625 is such a number).
            return map.Values.ToArray().All(level => off <= Math.Abs((double)level - x) + 2.5e-7 * Math.Abs(x));
        }, iter: 2000);

    [Fact]
    public void Nearest_EveryLevel_IsItsOwn()
    {
        foreach (var map in (DynamicMap[])[DynamicMap.Signed, DynamicMap.Unsigned])
        {
            for (var code = 0; code < 256; code++)
                Assert.Equal(code, map.Nearest(map.Values[code]));
        }
    }

    [Fact]
    public void Nearest_BesideEveryMiddle_TakesTheLevelOnThatSide()
    {
        foreach (var map in (DynamicMap[])[DynamicMap.Signed, DynamicMap.Unsigned])
        {
            for (var code = 0; code < 255; code++)
            {
                var middle = map.Middles[code];
                Assert.Equal((code, code, code + 1), (map.Nearest(MathF.BitDecrement(middle)), map.Nearest(middle), map.Nearest(MathF.BitIncrement(middle))));
            }
        }
    }

    [Fact]
    public void Pack_ThenUnpack_ErrsByHalfTheGapAtMost() => Numbers.Sample(values =>
    {
        var (largest, unpacked) = RoundTrip(values, DynamicMap.Signed);
        for (var i = 0; i < values.Length; i++)
        {
            // Between 0.1 and 1 levels are 0.0140625 apart; -1 itself is as far from the last one, -0.993, as half of that. The rest is rounding in float32.
            Assert.True(Math.Abs((double)values[i] - unpacked[i]) <= 0.00703125 * (1 + 1e-4) * largest[i / Block], $"{values[i]} became {unpacked[i]}, the largest is {largest[i / Block]}");
            // Small numbers are not lost: within 1e-2 to 1e-5 of the largest the error is bounded by the number itself.
            if (Math.Abs(values[i]) > 1e-4 * largest[i / Block])
                Assert.True(Math.Abs((double)values[i] - unpacked[i]) <= 0.29 * Math.Abs(values[i]), $"{values[i]} became {unpacked[i]}");
        }
    }, iter: 200);

    [Fact]
    public void Pack_Zero_StaysZero() => Numbers.Sample(values =>
    {
        var (_, unpacked) = RoundTrip(values, DynamicMap.Signed);
        Assert.All(values.Zip(unpacked), pair => Assert.True(pair.First != 0 || pair.Second == 0));
        Assert.All(RoundTrip(new float[values.Length], DynamicMap.Unsigned).Unpacked, x => Assert.Equal(0, x));
    }, iter: 100);

    [Fact]
    public void Pack_WhatWasUnpacked_ChangesNothingMore() => Numbers.Sample(values =>
    {
        // Without a sign the largest number of a block is kept as it is, so a second time finds the same blocks. With one that holds where the largest is positive.
        var positive = Array.ConvertAll(values, Math.Abs);
        var once = RoundTrip(positive, DynamicMap.Unsigned).Unpacked;
        Assert.Equal(once, RoundTrip(once, DynamicMap.Unsigned).Unpacked);
        for (var i = 0; i < values.Length; i += Block)
            values[i] = values.Skip(i).Take(Block).Max(x => Math.Abs(x));
        var signed = RoundTrip(values, DynamicMap.Signed).Unpacked;
        Assert.Equal(signed, RoundTrip(signed, DynamicMap.Signed).Unpacked);
    }, iter: 100);

    [Fact]
    public void Pack_OrderOfNumbers_IsKept() => Numbers.Sample(values =>
    {
        var one = values.Take(Block).Order().ToArray();
        var unpacked = RoundTrip(one, DynamicMap.Signed).Unpacked;
        Assert.Equal([.. unpacked.Order()], unpacked);
    }, iter: 100);

    [Fact]
    public void Pack_AMillionNumbers_ErrsAsThePublishedProgram()
    {
        // The bounds of bitsandbytes' own test (tests/test_functional.py, test_dynamic_blockwise_quantization): means over 1024 x 1024 numbers in blocks of 256.
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var (absolute, relative) = Means(randn([1024, 1024], generator: generator), DynamicMap.Signed);
        Assert.InRange(absolute, 0.005, 0.011);
        Assert.InRange(relative, 0.005, 0.018);
        (absolute, relative) = Means(rand([1024, 1024], generator: generator), DynamicMap.Signed);
        Assert.InRange(absolute, 0.0018, 0.0036);
        Assert.InRange(relative, 0.005, 0.015);
        (absolute, relative) = Means(rand([1024, 1024], generator: generator), DynamicMap.Unsigned);
        Assert.InRange(absolute, 0.0009, 0.0023);
        Assert.InRange(relative, 0.003, 0.012);

        static (double Absolute, double Relative) Means(Tensor values, DynamicMap map)
        {
            using var moment = new NarrowMoment(values.numel(), map, CPU);
            moment.Write(0, values.view(-1, Block));
            var off = moment.Read(0, values.numel() / Block).view(1024, 1024).sub(values).abs();
            return (off.mean().item<float>(), off.div(values.abs()).mean().item<float>());
        }
    }

    private static (float[] Largest, float[] Unpacked) RoundTrip(float[] values, DynamicMap map)
    {
        using var scope = NewDisposeScope();
        using var moment = new NarrowMoment(values.Length, map, CPU);
        var blocks = moment.Largest.shape[0];
        moment.Write(0, nn.functional.pad(tensor(values), [0, blocks * Block - values.Length]).view(blocks, Block));
        return (moment.Largest.data<float>().ToArray(), moment.Read(0, blocks).view(-1).data<float>().ToArray()[..values.Length]);
    }
}
