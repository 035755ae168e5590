using System.Text.Json;
using TorchSharp;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

[Trait("Category", "Golden")]
[Trait("Family", "cogvideox_vae")]
public sealed class AutoencoderGoldenTests
{
    private static readonly string[] KnownKeys =
    [
        "family", "case", "seed", "made_with", "source", "tolerance", "notes", "frames", "latent_frames", "use_quant_conv", "use_post_quant_conv",
        "enable_slicing", "max_abs_gap_to_batch", "default_tile", "enable_tiling", "tiled_minus_untiled_max_abs", "misfit",
    ];

    public static TheoryData<string> Cases() => Golden.Cases("cogvideox_vae");

    private static CogVideoXAutoencoder Load(GoldenCase golden) => CogVideoXAutoencoder.Open(golden.PathTo("model"), ScalarType.Float32, device: Golden.Device);

    [Theory, MemberData(nameof(Cases))]
    public void Code_EveryInput_GivesFramesAndMoments(string name)
    {
        using var golden = GoldenCase.Open("cogvideox_vae", name);
        Assert.All(golden.Json.EnumerateObject(), key => Assert.Contains(key.Name, KnownKeys));
        using var scope = NewDisposeScope();
        using var model = Load(golden);
        using var quiet = no_grad();
        var oneByOne = golden.Json.TryGetProperty("enable_slicing", out var slicing) && slicing.GetBoolean();
        foreach (var latents in Inputs(golden, "in.z"))
            golden.AssertClose("out.frames" + latents, model.Decode(golden.Tensor("in.z" + latents), oneByOne, TilingFor(golden, model, latents)));
        foreach (var video in Inputs(golden, "in.x"))
        {
            var posterior = model.Encode(golden.Tensor("in.x" + video), oneByOne, TilingFor(golden, model, video));
            golden.AssertClose("out.moments" + video, posterior.Moments);
            if (!golden.Has("in.noise" + video))
                continue;
            golden.AssertClose("out.mode" + video, posterior.Mean());
            golden.AssertClose("out.std" + video, posterior.Deviation());
            golden.AssertClose("out.sample" + video, posterior.Sample(golden.Tensor("in.noise" + video)));
        }
    }

    private static IEnumerable<string> Inputs(GoldenCase golden, string kind) =>
        golden.TensorNames.Where(t => t.StartsWith(kind, StringComparison.Ordinal)).Select(t => t[kind.Length..]);

    private static Tiling? TilingFor(GoldenCase golden, CogVideoXAutoencoder model, string suffix)
    {
        if (!golden.Json.TryGetProperty("enable_tiling", out var given))
            return null;
        if (suffix is "_default" or "_one_tile")
            return Tiling.Default(model.Config);
        var fallback = Tiling.Default(model.Config);
        int Size(string key, int other) => given.TryGetProperty(key, out var value) ? value.GetInt32() : other;
        double Share(string key, double other) => given.TryGetProperty(key, out var value) ? value.GetDouble() : other;
        return new(Size("tile_sample_min_height", fallback.Height), Size("tile_sample_min_width", fallback.Width),
            Share("tile_overlap_factor_height", fallback.OverlapHeight), Share("tile_overlap_factor_width", fallback.OverlapWidth));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Decode_TilesThatDoNotMeet_AreRefused(string name)
    {
        using var golden = GoldenCase.Open("cogvideox_vae", name);
        if (golden.Json.TryGetProperty("default_tile", out var tile))
        {
            var config = AutoencoderConfig.Open(golden.PathTo("model/config.json"));
            var tiling = Tiling.Default(config);
            Assert.Equal(Doubles(tile.GetProperty("sample")), new double[] { tiling.Height, tiling.Width });
            Assert.Equal(Doubles(tile.GetProperty("latent")), new double[] { tiling.Latent(config).Height, tiling.Latent(config).Width });
            Assert.Equal(Doubles(tile.GetProperty("overlap")), new[] { tiling.OverlapHeight, tiling.OverlapWidth });
        }
        if (!golden.Json.TryGetProperty("misfit", out var misfit))
            return;
        using var scope = NewDisposeScope();
        using var model = Load(golden);
        var (size, overlap) = (Doubles(misfit.GetProperty("tile_sample_min")), Doubles(misfit.GetProperty("overlap")));
        var latents = zeros([.. Doubles(misfit.GetProperty("latent")).Select(d => (long)d)], device: Golden.Device);
        var refused = Assert.Throws<ArgumentException>(() => model.Decode(latents, tiling: new((int)size[0], (int)size[1], overlap[0], overlap[1])));
        Assert.Contains("do not meet", refused.Message);
    }

    private static double[] Doubles(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetDouble())];
}
