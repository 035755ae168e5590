using Vpo.Training;
using Vpo.Video.CogVideoX;

namespace Vpo.MiniWorld.Tests;

public sealed class GeneratorDpoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(2), InlineData(0)]
    public async Task Run_ShippedGenerator_WritesWhatAGeneratorOpens(int rank)
    {
        using var generator = (CogVideoXGenerator)MiniGenerator.OpenShipped();
        using var reward = new PixelChecklist();
        var made = await new LatentPairMaker(generator, reward, new() { Candidates = 4 }).MakeAsync([new("red ball", "red ball"), new("blue square", "blue square"), new("small star", "small star")], Path.Combine(_folder.Path, "pairs"));
        using var pairs = DiffusionPairs.Open(made);
        var options = new GeneratorDpoOptions { Rank = rank, Training = new() { Schedule = new LearningRateSchedule.Constant(1e-4), BatchSize = 1, Epochs = 2 } };
        var source = ShippedGenerators.Unpack(ShippedGenerators.First, null);
        var result = new GeneratorDpo(options).Run(source, pairs, new() { Folder = _folder.Path });
        Assert.Equal(2 * pairs.Count, result.Points.Count);
        Assert.All(result.Points, p => Assert.True(double.IsFinite(p.Loss)));
        if (rank == 0)
        {
            using var whole = CogVideoXTransformer.Open(Path.Combine(_folder.Path, GeneratorDpo.TransformerFolder));
            Assert.Equal(generator.Pipeline.Transformer.Config, whole.Config);
        }
        else
        {
            using var lora = CogVideoXLora.Open(generator.Pipeline.Transformer, Path.Combine(_folder.Path, GeneratorDpo.LoraFolder));
            Assert.NotEmpty(lora.Parameters);
        }
    }
}
