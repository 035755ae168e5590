using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Rewards.Preprocessing;
using static TorchSharp.torch;

namespace Vpo.Rewards.Clip;

/// <summary>How well frames fit a text, by CLIP.</summary>
/// <remarks>Safe for concurrent calls.</remarks>
/// <param name="model">The model; disposed with this.</param>
/// <param name="tokenizer">Its tokenizer.</param>
public sealed class ClipScore(ClipModel model, ClipTokenizer tokenizer) : IDisposable
{
    private const int FramesAtOnce = 16;

    /// <summary>Opens a Hugging Face folder: config.json, *.safetensors, vocab.json, merges.txt.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="type">Type of the parameters; null keeps what is on disk.</param>
    /// <param name="device">Null: the CPU.</param>
    public static ClipScore Open(string folder, ScalarType? type = null, Device? device = null)
    {
        var config = ClipConfig.Open(Path.Combine(folder, "config.json"));
        using var checkpoint = CheckpointFolder.Open(folder);
        return new(ClipModel.Load(config, checkpoint, type, device), ClipTokenizer.Open(folder));
    }

    /// <summary>Logit/100 of each frame with a text, frames scaled as pictures: VBench's appearance style, where the text is the style's phrase alone. For published models this is the cosine.</summary>
    /// <param name="text">Cut to the model's context.</param>
    /// <param name="clip">All of its frames are scored.</param>
    /// <returns>A value a frame; VBench averages over all frames of all clips.</returns>
    public IReadOnlyList<double> Frames(string text, VideoClip clip) => Frames(text, clip, [.. Enumerable.Range(0, clip.FrameCount)]);

    /// <summary>The same for chosen frames.</summary>
    public IReadOnlyList<double> Frames(string text, VideoClip clip, IReadOnlyList<int> frames)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var ids = tensor(tokenizer.EncodeRows([text], model.Config.Context)).view(1, -1).to(model.Device);
        var words = model.TextFeatures(ids);
        var values = new List<double>();
        foreach (var some in frames.Chunk(FramesAtOnce))
        {
            using var inner = NewDisposeScope();
            var pixels = ClipFrames.AsPictures(clip, some, model.Config.ImageSize, model.Device);
            var logits = model.Logits(model.ImageFeatures(pixels), words);
            values.AddRange(logits.view(-1).to(ScalarType.Float64).cpu().data<double>().ToArray().Select(v => v / 100));
        }
        return values;
    }

    /// <summary>Disposes the model.</summary>
    public void Dispose() => model.Dispose();
}
