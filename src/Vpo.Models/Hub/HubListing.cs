using System.IO.Enumeration;
using System.Text.Json;

namespace Vpo.Models.Hub;

/// <summary>One file of a model on the hub.</summary>
/// <param name="Path">With forward slashes, inside the repository.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Of the content, for large files; null for those kept in git itself.</param>
/// <param name="BlobId">git's SHA-1 of the content (for large files: of the pointer).</param>
public sealed record HubFile(string Path, long Size, string? Sha256, string BlobId)
{
    /// <summary>The name under which the cache keeps the content.</summary>
    internal string ContentId => Sha256 ?? BlobId;
}

/// <summary>What a repository holds at one commit.</summary>
/// <param name="Commit">40 hexadecimal digits.</param>
/// <param name="Files">All of them.</param>
public sealed record HubListing(string Commit, IReadOnlyList<HubFile> Files)
{
    // What a model needs to run: never pickled weights, which can run code when opened, and never the same weights in another framework's format.
    private static readonly string[] Needed = ["*.json", "*.safetensors", "*.model", "*.jinja", "*.txt", "*.md", "LICENSE*"];

    /// <summary>The files to take.</summary>
    /// <param name="patterns">With * and ?; a pattern without a slash also fits files in subfolders. Empty: all that a model needs to run (safetensors, configs, tokenizers).</param>
    /// <exception cref="HubException">No file fits; the message lists what there is.</exception>
    public IReadOnlyList<HubFile> Choose(IReadOnlyCollection<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        HubFile[] chosen = [.. Files.Where(file => (patterns.Count == 0 ? Needed : patterns).Any(pattern => Fits(pattern, file.Path)))];
        var hasWeights = chosen.Any(file => file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase));
        return chosen.Length > 0 && (patterns.Count > 0 || hasWeights) ? chosen
            : throw new HubException($"no file fits {(patterns.Count == 0 ? "(expected *.safetensors)" : string.Join(", ", patterns))}. The repository holds: {string.Join(", ", Files.Select(f => f.Path).Take(30))}. "
                + "Say which to take, for instance --include \"*Q4_1.gguf\".");
    }

    /// <exception cref="HubException">The answer is not a listing, or names a file outside the repository.</exception>
    internal static HubListing Parse(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            var commit = json.RootElement.GetProperty("sha").GetString() ?? "";
            if (commit.Length != 40 || !commit.All(char.IsAsciiHexDigit))
                throw new HubException($"the hub's answer names the commit '{commit}', expected 40 hexadecimal digits.");
            return new(commit, [.. json.RootElement.GetProperty("siblings").EnumerateArray().Select(FileOf)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new HubException($"the hub's answer is not a listing of files: {e.Message}", e);
        }
    }

    private static HubFile FileOf(JsonElement json)
    {
        var path = json.GetProperty("rfilename").GetString() ?? "";
        var large = json.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
        var file = new HubFile(path, (large ? lfs : json).GetProperty("size").GetInt64(), large ? lfs.GetProperty("sha256").GetString() : null, json.GetProperty("blobId").GetString() ?? "");
        if (path.Length == 0 || path.Contains('\\', StringComparison.Ordinal) || path.Contains(':', StringComparison.Ordinal) || path.Split('/').Any(part => part is "" or "." or ".."))
            throw new HubException($"the hub's answer names the file '{path}', which is not inside the repository.");
        if (file.Size < 0 || file.ContentId.Length != (large ? 64 : 40) || !file.ContentId.All(char.IsAsciiHexDigit))
            throw new HubException($"the hub's answer gives no sound size and checksum for '{path}'.");
        return file;
    }

    private static bool Fits(string pattern, string path) => FileSystemName.MatchesSimpleExpression(pattern, pattern.Contains('/', StringComparison.Ordinal) ? path : path[(path.LastIndexOf('/') + 1)..]);
}
