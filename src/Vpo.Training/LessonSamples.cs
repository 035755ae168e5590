using System.Text.Json;
using Vpo.Models.Generation;
using Vpo.Models.Llama;

namespace Vpo.Training;

/// <summary>What the model writes for a few held-out queries at each evaluation, as lines of samples.jsonl.</summary>
internal sealed class LessonSamples(string path, IReadOnlyList<string> queries, LlamaModel model, LessonTokenizer tokenizer)
{
    private const int MostTokens = 256;

    public static LessonSamples Of(Lesson lesson, LlamaLearnerOptions options, LlamaModel model, LessonTokenizer tokenizer) => new(
        Path.Combine(lesson.Folder, "samples.jsonl"),
        [.. lesson.Pairs.Select(p => p.Query).Concat(lesson.Demonstrations.Select(d => d.Query)).TakeLast(options.HeldOut).Take(options.Samples)], model, tokenizer);

    /// <summary>Adds a line a query; greedy, so that steps can be compared.</summary>
    public void Write(TrainingPoint at)
    {
        if (queries.Count == 0)
            return;
        var options = new SamplingOptions { Greedy = true, MaxNewTokens = MostTokens, StopIds = [tokenizer.End] };
        var texts = new TextGenerator(model).Generate([.. queries.Select(q => new GenerationRequest(tokenizer.PromptOf(q)))], options);
        File.AppendAllLines(path, queries.Zip(texts, (query, text) => $$"""{"step":{{at.Step}},"query":{{Quoted(query)}},"prompt":{{Quoted(tokenizer.Decode(text.Ids))}}}"""));
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
