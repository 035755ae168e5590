using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>A LoRA file of diffusers or an older trainer, under one spelling: <c>path.lora_A.weight</c>, <c>path.lora_B.weight</c>, without the prefix "transformer.".</summary>
internal sealed class LoraFile : ICheckpoint
{
    public const string Prefix = "transformer.", A = ".lora_A.weight", B = ".lora_B.weight", Magnitude = ".lora_magnitude_vector";
    private const string AlphaEnd = ".alpha";

    // Ends that trainers have written for the same thing; peft puts the adapter's name ("default") in between.
    private static readonly (string Found, string Plain)[] Ends =
    [
        (".lora_A.default.weight", A), (".lora.down.weight", A), (".lora_down.weight", A),
        (".lora_B.default.weight", B), (".lora.up.weight", B), (".lora_up.weight", B),
        (".lora_magnitude_vector.weight", Magnitude), (".lora_magnitude_vector.default.weight", Magnitude),
    ];

    private readonly SafetensorsFile _file;
    private readonly Dictionary<string, string> _nameOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _alphas = new(StringComparer.Ordinal);

    private LoraFile(SafetensorsFile file)
    {
        _file = file;
        foreach (var name in file.Shapes.Keys)
            Sort(name);
        Shapes = _nameOf.ToDictionary(n => n.Key, n => file.Shapes[n.Value], StringComparer.Ordinal);
        Paths = [.. Shapes.Keys.Where(name => name.EndsWith(A, StringComparison.Ordinal)).Select(name => name[..^A.Length])];
        if (Paths.Count == 0)
            throw new CheckpointException($"'{Location}' is no LoRA file: no name in it ends in {A[1..]}.");
    }

    /// <inheritdoc/>
    public string Location => _file.Location;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>The layers that are changed, in file order.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>Alphas that the file holds as tensors, by layer.</summary>
    public IReadOnlyDictionary<string, double> Alphas => _alphas;

    /// <summary>The texts of the header.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    /// <param name="path">A file, or a folder that holds pytorch_lora_weights.safetensors.</param>
    public static LoraFile Open(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, CogVideoXLora.FileName) : path;
        if (!File.Exists(file))
            throw new CheckpointException($"there is no LoRA file at '{path}': expected a .safetensors file, or a folder with {CogVideoXLora.FileName}.");
        return new(SafetensorsFile.Open(file));
    }

    /// <inheritdoc/>
    public Tensor Read(string name) => _file.Read(_nameOf[name]);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Width of the product of a layer.</summary>
    public int RankOf(string path) => Shapes[path + A] is [> 0 and var rank, _] ? (int)rank
        : throw new CheckpointException($"'{Location}': {path}{A} must be a matrix, it is [{string.Join(", ", Shapes[path + A])}].");

    private void Sort(string name)
    {
        if (name.StartsWith("text_encoder", StringComparison.Ordinal))
            throw new CheckpointException($"'{Location}' changes the text encoder ('{name}'), which is not supported; CogVideoX LoRA files change the transformer.");
        var plain = name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;
        if (plain.EndsWith(AlphaEnd, StringComparison.Ordinal))
        {
            using var alpha = _file.Read(name).to(ScalarType.Float64);
            _alphas[plain[..^AlphaEnd.Length]] = alpha.item<double>();
            return;
        }
        var (found, end) = Ends.FirstOrDefault(e => plain.EndsWith(e.Found, StringComparison.Ordinal));
        _nameOf[found is null ? plain : plain[..^found.Length] + end] = name;
    }
}
