using TorchSharp;
using Vpo.MiniWorld;
using Vpo.Models.Decoding;
using Vpo.Models.Hub;
using Vpo.Models.Llama;
using Vpo.Models.Native;
using Vpo.Models.Optimization;
using Vpo.Models.Tokenizers;

namespace Vpo.Cli;

/// <summary>Which type a model's weights and arithmetic get.</summary>
internal enum ModelType
{
    Auto,
    Float32,
    BFloat16,
}

/// <summary>The model that the user named.</summary>
/// <param name="Llama">The model.</param>
/// <param name="Preparation">How its weights are read.</param>
/// <param name="IsMini">Whether it knows only the mini world.</param>
internal sealed record OpenedModel(LlamaPromptOptimizer Llama, Preparation Preparation, bool IsMini) : IDisposable
{
    /// <summary>The folder of a quickstart run in which its trained optimizer lies.</summary>
    public const string RunFolderName = "optimizer";

    /// <summary>For records: which model, and how its weights were read, since both decide the text.</summary>
    public string Id => Preparation.Type is { } type ? $"{Llama.ModelId} ({type.ToString().ToLowerInvariant()})" : Llama.ModelId;

    /// <param name="path">What --model says.</param>
    /// <param name="type">What --type says.</param>
    /// <param name="weights">What --weights says; null without it.</param>
    /// <param name="adapter">What --adapter says.</param>
    public static OpenedModel Open(string path, ModelType type, WeightChoice? weights, string? adapter = null)
    {
        LibtorchLoader.EnsureLoaded();
        path = Locate(path);
        var inRun = Path.Combine(path, RunFolderName);
        var folder = Directory.Exists(inRun) ? inRun : path;
        var device = Environment.GetEnvironmentVariable("VPO_DEVICE") is { Length: > 0 } name ? torch.device(name) : torch.CPU;
        var llama = LlamaPromptOptimizer.Open(folder, new()
        {
            Type = TypeOf(type, folder, device),
            Weights = weights?.ToWeightType() ?? (type == ModelType.Auto ? WeightType.Auto : null),
            Device = device,
            Adapter = adapter,
        });
        return new(llama, llama.Prepare(), IsMini: Directory.Exists(folder) && HasWordTokenizer(folder));
    }

    /// <summary>A path as it is; the name of a repository as its folder in the cache.</summary>
    public static string Locate(string model)
    {
        if (File.Exists(model) || Directory.Exists(model))
            return model;
        return HubClient.Find(model) ?? throw new FileNotFoundException($"--model '{model}' does not exist. Give a GGUF file, a Hugging Face folder, the folder of a quickstart run"
            + (HubClient.IsRepository(model) ? $", or run 'vpo pull {model}' first." : ", or the name of a repository that 'vpo pull' fetched."));
    }

    /// <summary>Why the model can't do this query; null when it can.</summary>
    public string? Explain(string query) => IsMini ? MiniWorldGuide.Explain(query) : null;

    public void Dispose() => Llama.Dispose();

    private static bool HasWordTokenizer(string folder)
    {
        using var checkpoint = LlamaCheckpoint.Open(folder);
        return checkpoint.Tokenizer is WordTokenizer;
    }

    private static torch.ScalarType? TypeOf(ModelType type, string path, torch.Device device) => type switch
    {
        ModelType.Float32 => torch.ScalarType.Float32,
        ModelType.BFloat16 => torch.ScalarType.BFloat16,
        _ => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? ComputeProbe.FastestType(device) : null,
    };
}
