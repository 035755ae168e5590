using TorchSharp.Modules;
using Vpo.Models.Layers;
using Vpo.Models.Llama;
using Vpo.Training.Passes;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.Training;

/// <summary>The head alone, forward and backward: hidden states to log-probabilities of 2,048 targets and back to both gradients.</summary>
internal static class HeadSpeed
{
    private const int Tokens = 2048;

    /// <summary>Operations of the three products that nobody can do without.</summary>
    public static double Operations => 6.0 * Tokens * LlamaDecoding.SmolLm2.HiddenSize * LlamaDecoding.SmolLm2.VocabularySize;

    /// <summary>As it is usually written: all logits, in float32, log-softmax, gather.</summary>
    public static Workload Plain(ScalarType type)
    {
        var data = new Data(type);
        return new(() =>
        {
            using var scope = NewDisposeScope();
            using var hidden = data.Hidden.detach().requires_grad_();
            Tensor tokens;
            using (var inner = NewDisposeScope())
            {
                Tensor logits;
                using (var innermost = NewDisposeScope())
                    logits = nn.functional.linear(hidden, data.Weight.to(type)).to(float32).MoveToOuterDisposeScope();
                tokens = logits.log_softmax(-1).gather(1, data.Targets.unsqueeze(1)).squeeze(1).MoveToOuterDisposeScope();
            }
            tokens.mul(data.Upstream).sum().backward();
        }, data);
    }

    /// <param name="type">Of the products.</param>
    /// <param name="chunk">Positions whose logits are in memory at once; null: as training chooses.</param>
    public static Workload Ours(ScalarType type, int? chunk)
    {
        var data = new Data(type);
        return new(() =>
        {
            using var scope = NewDisposeScope();
            using var pass = new HeadPass(data.Model, data.Hidden, data.Targets, chunk);
            pass.Backward(data.Upstream).Dispose();
        }, data);
    }

    private sealed class Data : IDisposable
    {
        public Data(ScalarType type)
        {
            var config = LlamaDecoding.SmolLm2 with { Layers = 1 };
            Model = LlamaModel.Initialize(config, seed: 1, ScalarType.Float32, type).RequireGradients();
            Weight.grad = Own(zeros_like(Weight).fill_(0));   // there before the measurement begins
            (Hidden, Targets, Upstream) = (Own(randn(Tokens, config.HiddenSize).to(type)), Own(randint(0, config.VocabularySize, [Tokens], dtype: int64)), Own(rand(Tokens)));
        }

        public LlamaModel Model { get; }

        public Parameter Weight => Model.HeadWeight;

        public Tensor Hidden { get; }

        public Tensor Targets { get; }

        public Tensor Upstream { get; }

        public void Dispose()
        {
            Model.Dispose();
            foreach (var tensor in (Tensor[])[Hidden, Targets, Upstream])
                tensor.Dispose();
        }

        // Whoever makes a workload may do so in a scope that ends before the workload does.
        private static Tensor Own(Tensor tensor) => tensor.DetachFromDisposeScope();
    }
}
