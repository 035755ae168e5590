using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Vpo.Models.Decoding;
using Vpo.Models.Generation;
using Vpo.Models.Layers;
using Vpo.Models.Llama;
using Vpo.Models.Tests.Generation;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Decoding;

/// <summary>Decoding on processors that have less than this one: in a process of its own, in which .NET may not use some instructions.</summary>
public sealed class OtherProcessorsTests
{
    private const string Variable = "VPO_TEST_WITHOUT";

    [Theory]
    [InlineData("AVX512", "DOTNET_EnableAVX512F", "DOTNET_EnableAVX512")]
    [InlineData("AVX2", "DOTNET_EnableAVX2")]
    [InlineData("all", "DOTNET_EnableHWIntrinsic")]
    public async Task Decode_WithoutSomeInstructions_GivesTheModelsNumbers(string without, params string[] switches)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(OtherProcessorsTests).Assembly.Location, "-class", typeof(Child).FullName!]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in switches)
            start.Environment[name] = "0";
        start.Environment[Variable] = without;
        start.Environment["DOTNET_TieredPGO"] = "0";   // the process is short
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}\n{await output}\n{await error}");
        Assert.Contains("Total: 4, Errors: 0, Failed: 0, Skipped: 0", await output, StringComparison.Ordinal);
    }

    /// <summary>What the other process runs; here it is the plain run.</summary>
    public sealed class Child
    {
        // Widths that fill no register, heads that share keys, a tied head.
        private static readonly LlamaConfig Config = TextGeneratorTests.Tiny with { HiddenSize = 72, IntermediateSize = 90, Layers = 2, Heads = 6, KeyValueHeads = 2, HeadDim = 20, TiedHead = true };

        [Fact]
        public void Instructions_AskedToBeOff_AreOff()
        {
            var without = Environment.GetEnvironmentVariable(Variable);
            Assert.False(without is "AVX512" or "AVX2" or "all" && Avx512F.IsSupported);
            Assert.False(without is "AVX2" or "all" && Avx2.IsSupported);
            Assert.False(without == "all" && Vector128.IsHardwareAccelerated);
        }

        [Theory]
        [InlineData(WeightType.Float32, 0.001)]
        [InlineData(WeightType.BFloat16, 0.06)]
        [InlineData(WeightType.Int8, 0.06)]
        public void Decode_TinyModel_GivesTheModelsNumbersAndTheSameTextInAnyBatch(WeightType type, double relative)
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            using var model = LlamaModel.Initialize(Config, 1);
            int[] ids = [.. Enumerable.Range(0, 21).Select(i => 3 + i * 17 % 150)];
            var expected = model.forward(tensor(Array.ConvertAll(ids, id => (long)id)).unsqueeze(0))[0, -1].data<float>().ToArray();
            using (var engine = new LlamaEngine(model, type))
            {
                foreach (int[][] parts in (int[][][])[[ids], [ids[..20], ids[20..]]])
                    Assert.All(expected.Zip(LlamaEngineTests.Logits(engine, expected.Length, parts, false)), pair => Assert.Equal(pair.First, pair.Second, relative * expected.Max(Math.Abs)));
            }
            var generator = new TextGenerator(model) { Weights = type };
            List<GenerationRequest> requests = [.. Enumerable.Range(0, 6).Select(i => new GenerationRequest(ids[..(3 + i)], i))];
            var sampling = new SamplingOptions { Temperature = 0.9, TopP = 0.9, MaxNewTokens = 6, StopIds = [] };
            Assert.Equal(generator.Generate(requests, sampling).Select(a => string.Join(' ', a.Ids)), requests.Select(r => string.Join(' ', generator.Generate([r], sampling)[0].Ids)));
            if (type != WeightType.Float32)
                return;
            var greedy = sampling with { Greedy = true };
            var own = generator.Generate([requests[5]], greedy)[0].Ids;
            model.RequireGradients();   // so that libtorch computes
            Assert.Equal(generator.Generate([requests[5]], greedy)[0].Ids, own);
        }
    }
}
