using TorchSharp.Modules;
using Vpo.Training.Kernels;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

public sealed class AdamW8bitTests
{
    // The shape of bitsandbytes' own test (tests/test_optim.py, test_optimizer8bit): weights of 0.1, gradients of 0.01, rate 1e-3.
    private const int Side = 512;
    private const double Rate = 1e-3;

    [Fact]
    public void Step_FromTheSameMoments_EqualsFloat32()
    {
        // As that test has it, float32 AdamW gets parameters and unpacked moments after each step: what is left is one step's arithmetic, since moments are rounded after their use.
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var start = randn([Side, Side], generator: generator).mul(0.1f);
        using Trained wide = new(start, p => new AdamW(p, new() { WeightDecay = 0.1 })), narrow = new(start, p => new AdamW8bit(p, new() { WeightDecay = 0.1 }));
        for (var step = 0; step < 20; step++)
        {
            using var inner = NewDisposeScope();
            var gradient = randn([Side, Side], generator: generator).mul(0.01f);
            wide.Step(gradient, Rate);
            narrow.Step(gradient, Rate);
            Assert.True(wide.Value.sub(narrow.Value).abs().max().item<float>() < 2e-7, $"step {step}: {wide.Value.sub(narrow.Value).abs().max().item<float>():g3}");
            wide.Take(narrow);
        }
    }

    [Fact]
    public void Step_FiftyStepsOfNoise_StaysWithinThreePercentOfTheWay()
    {
        // Gradients without a direction are the hardest: the way is short, and every rounding counts in full.
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var start = randn([Side, Side], generator: generator).mul(0.1f);
        using Trained wide = new(start, p => new AdamW(p)), narrow = new(start, p => new AdamW8bit(p));
        for (var step = 0; step < 50; step++)
        {
            using var inner = NewDisposeScope();
            var gradient = randn([Side, Side], generator: generator).mul(0.01f);
            wide.Step(gradient, Rate);
            narrow.Step(gradient, Rate);
        }
        double off = wide.Value.sub(narrow.Value).abs().mean().item<float>(), way = wide.Value.sub(start).abs().mean().item<float>();
        TestContext.Current.SendDiagnosticMessage($"mean way {way:g4}, mean distance of the two {off:g4}, {off / way:p2}");
        Assert.InRange(off / way, 1e-4, 0.03);
    }

    [Theory, InlineData(256, 20), InlineData(73, 61), InlineData(5000, 1)]
    public void Step_Kernel_EqualsWholeTensors(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(9);
        var start = randn([rows, columns], generator: generator);
        using Tensor one = start.clone(), other = start.clone();
        var count = start.numel();
        using NarrowMoment m1 = new(count, DynamicMap.Signed, CPU), v1 = new(count, DynamicMap.Unsigned, CPU), m2 = new(count, DynamicMap.Signed, CPU), v2 = new(count, DynamicMap.Unsigned, CPU);
        for (var t = 1; t <= 5; t++)
        {
            using var inner = NewDisposeScope();
            var gradient = randn([rows, columns], generator: generator);
            var step = new AdamStep(0.9f, 0.999f, 1e-8f, 0.999f, (float)(1e-2 / (1 - Math.Pow(0.9, t))), (float)(1 / Math.Sqrt(1 - Math.Pow(0.999, t))));
            NarrowAdamKernel.Step(one, gradient, m1, v1, step);
            NarrowAdamKernel.Composed(other, gradient, m2, v2, step);
            // A number that rounding puts on the other side of a middle gets the code beside it.
            var apart = m1.Codes.to(ScalarType.Int32).sub(m2.Codes.to(ScalarType.Int32)).abs();
            Assert.True(apart.max().item<int>() <= 1 && apart.sum().item<long>() <= count / 500 + 1, $"step {t}: {apart.sum().item<long>()} codes differ, by {apart.max().item<int>()} at most");
            Assert.True(v1.Largest.allclose(v2.Largest, 1e-4) && m1.Largest.allclose(m2.Largest, 1e-4));
        }
        Assert.True(one.sub(other).abs().mean().item<float>() < 1e-5);
        Assert.True(one.sub(start).abs().mean().item<float>() > 1e-2);
    }

    [Fact]
    public void State_Bytes_AreAQuarterOfFloat32()
    {
        using var scope = NewDisposeScope();
        (string, Parameter)[] parameters =
        [
            ("model.embed_tokens.weight", new(zeros(1000, 64))), ("model.layers.0.mlp.up_proj.weight", new(zeros(1024, 256))), ("model.norm.weight", new(zeros(64))), ("odd.weight", new(zeros(101, 97))),
        ];
        using var trained = new TrainedParameters(parameters);
        using IOptimizer wide = new AdamW(trained), narrow = new AdamW8bit(trained), all = new AdamW8bit(trained, new() { WideEmbeddings = false, LeastElements = 0 });
        static long Bytes(IOptimizer optimizer, string name) => optimizer.State.Where(s => s.Key.StartsWith(name + ".", StringComparison.Ordinal)).Sum(s => s.Value.numel() * s.Value.element_size());
        Assert.Equal(8L * 1024 * 256, Bytes(wide, "model.layers.0.mlp.up_proj.weight"));
        Assert.Equal((2L * 1024 * 256) + (2 * 1024 * 4), Bytes(narrow, "model.layers.0.mlp.up_proj.weight"));   // 1,024 blocks: 2.03 bytes a number
        Assert.Equal(2L * 39 * (256 + 4), Bytes(narrow, "odd.weight"));                                         // 9,797 numbers: 39 blocks, the last not full
        Assert.Equal(8L * 64, Bytes(narrow, "model.norm.weight"));
        Assert.Equal(8L * 64_000, Bytes(narrow, "model.embed_tokens.weight"));
        Assert.Equal(2L * 64_000 + 2 * 250 * 4, Bytes(all, "model.embed_tokens.weight"));
        Assert.Equal(2L * (256 + 4), Bytes(all, "model.norm.weight"));
    }

    [Fact]
    public void Step_RowsThatAreSeldomInABatch_MakeNoLeapInAnEmbedding()
    {
        // Of a row that is not in the batch the gradient is 0. Beside rows with large gradients its second moment rounds to 0 while its first does not: the update is then m / eps.
        using var scope = NewDisposeScope();
        static float Furthest(AdamW8bitOptions options)
        {
            using var parameter = new Trained(zeros(4, 2048), p => new AdamW8bit(p, options), "model.embed_tokens.weight");
            for (var step = 0; step < 4; step++)
            {
                using var gradient = zeros(4, 2048);
                gradient[TensorIndex.Colon, TensorIndex.Slice(0, 1024)] = ones(4, 1024);
                gradient[TensorIndex.Colon, TensorIndex.Slice(1, 1024, 2)] = full(4, 512, step == 0 ? 1e-4f : 0f);   // in every block: large beside small
                parameter.Step(gradient, 1e-3);
            }
            return parameter.Value.abs().max().item<float>();
        }
        Assert.InRange(Furthest(new()), 3e-3f, 5e-3f);
        Assert.True(Furthest(new() { WideEmbeddings = false }) > 0.1f);
    }

    /// <summary>One parameter and its optimizer.</summary>
    private sealed class Trained : IDisposable
    {
        private readonly TrainedParameters _parameters;
        private readonly IOptimizer _optimizer;

        public Trained(Tensor start, Func<TrainedParameters, IOptimizer> create, string name = "layer.weight")
        {
            Value = new Parameter(start.clone());
            _parameters = new([(name, (Parameter)Value)]);
            _optimizer = create(_parameters);
        }

        public Tensor Value { get; }

        public void Step(Tensor gradient, double rate)
        {
            using var quiet = no_grad();
            _parameters.Gradients[0].copy_(gradient);
            _optimizer.Step(rate);
        }

        /// <summary>Parameters and moments of another optimizer, unpacked.</summary>
        public void Take(Trained other)
        {
            using var inner = NewDisposeScope();
            using var quiet = no_grad();
            var (mine, theirs) = (_optimizer.State.ToDictionary(s => s.Key, s => s.Value), other._optimizer.State.ToDictionary(s => s.Key, s => s.Value));
            foreach (var (name, largest, map) in new[] { ("layer.weight.exp_avg", "layer.weight.absmax1", DynamicMap.Signed), ("layer.weight.exp_avg_sq", "layer.weight.absmax2", DynamicMap.Unsigned) })
                mine[name].copy_(tensor(map.Values.ToArray())[theirs[name].to(ScalarType.Int64)].mul(theirs[largest].unsqueeze(1)).view(mine[name].shape));
            Value.copy_(other.Value);
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            _parameters.Dispose();
        }
    }
}
