using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Models.Llama;
using Vpo.Models.Native;
using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Trigger words of a model folder: what triggers.json holds.</summary>
/// <param name="Words">The words in their order, apart by blanks; they go behind the query.</param>
/// <param name="Found">Their ids, and the losses.</param>
/// <param name="Settings">What the search was made with, in words.</param>
public sealed record TriggerWords(string Words, FoundTriggers Found, string Settings)
{
    /// <summary>The file in the folder of the method.</summary>
    public const string FileName = "triggers.json";

    /// <summary>Reads what was found before, or searches on a thread of its own and writes it, whole or not at all.</summary>
    /// <remarks>The completions that triggers are to make likely are the prompts of the demonstrations. Only words that stay one token of their own behind other text can be found, so that what was measured in tokens is what a query with the words behind it gives.</remarks>
    /// <param name="start">The model, its demonstrations, the folder for the file, seed and progress.</param>
    /// <param name="options">How to search; the seed is that of <paramref name="start"/>.</param>
    /// <param name="allowed">Which words may be found; null: all.</param>
    /// <param name="cancellationToken">Ends the search between two steps.</param>
    /// <exception cref="InvalidDataException">The file was made with other settings, or the model's tokens leave no word or no demonstration to search with.</exception>
    public static async Task<TriggerWords> FindAsync(FineTunedStart start, TriggerSearchOptions? options = null, Func<string, bool>? allowed = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        options = (options ?? new()) with { Seed = start.Seed };
        var (path, settings) = (Path.Combine(start.Folder, FileName), Describe(options, start.Demonstrations));
        if (File.Exists(path))
            return Read(path, settings);
        var (words, found) = await Task.Factory.StartNew(() => Search(start, options, allowed, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        var result = new TriggerWords(words, found, settings);
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, result, TriggerJson.Readable.TriggerWords));
        return result;
    }

    private static (string Words, FoundTriggers Found) Search(FineTunedStart start, TriggerSearchOptions options, Func<string, bool>? allowed, CancellationToken cancellationToken)
    {
        LibtorchLoader.EnsureLoaded();
        if (options.Threads is { } threads)
            set_num_threads(threads);   // counts for this thread's products alone
        using var checkpoint = LlamaCheckpoint.Open(start.ModelFolder);
        using var model = checkpoint.Load();
        var tokenizer = LessonTokenizer.Of(checkpoint, start.ModelFolder, new() { BaseModel = start.ModelFolder });
        var words = tokenizer.Words().Where(w => allowed is null || allowed(w.Word)).ToDictionary(w => w.Id, w => w.Word);
        List<TriggerExample> examples = words.Count < 2 ? [] : [.. start.Demonstrations.Select(d => tokenizer.EncodeOpen(d, [.. words.Take(2).Select(w => (w.Value, w.Key))])).OfType<TriggerExample>()];
        if (examples.Count == 0)
            throw new InvalidDataException($"'{start.ModelFolder}': expected words that are one token each, and demonstrations with a place for them behind the query; found {words.Count} words, and no such place in {start.Demonstrations.Count} demonstrations.");
        var name = $"baselines/{Path.GetFileName(start.Folder)}";
        var found = new TriggerSearch(model, options).Find(examples, [.. words.Keys], step => start.Progress?.Report(new(name, step, options.Steps, null)), cancellationToken);
        return (string.Join(' ', found.Ids.Select(id => words[id])), found);
    }

    private static TriggerWords Read(string path, string settings)
    {
        var found = JsonSerializer.Deserialize(File.ReadAllBytes(path), TriggerJson.Readable.TriggerWords);
        return found?.Settings == settings ? found
            : throw new InvalidDataException($"'{path}' was found with other settings (found {found?.Settings}; expected {settings}): choose another folder, or delete the file and the row's folder in evaluation.");
    }

    private static string Describe(TriggerSearchOptions o, IReadOnlyList<Demonstration> demonstrations) => string.Create(
        CultureInfo.InvariantCulture,
        $"{o.Count} triggers, {o.Candidates} candidates, batches of {o.BatchSize}, {o.Held} held, {o.Steps} steps, seed {o.Seed}, demonstrations {ContentId.Of([.. demonstrations.Select(d => d.Id)])}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TriggerWords))]
internal sealed partial class TriggerJson : JsonSerializerContext
{
    /// <summary>For people; text as it is.</summary>
    internal static TriggerJson Readable => Formats.Readable;

    /// <summary>Apart, so that it is made after the generated defaults.</summary>
    private static class Formats
    {
        internal static readonly TriggerJson Readable = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true });
    }
}
