using System.Text.Json;

namespace Vpo.Rewards.Checklists;

/// <summary>One yes/no question about a clip.</summary>
/// <param name="Name">A short name, the same for every clip; unique in its checklist.</param>
/// <param name="Dimension">What it is about, such as "Alignment".</param>
/// <param name="Text">What is asked. "[[prompt]]" in it is replaced by the user's own words.</param>
/// <param name="Weight">What a yes is worth in the weighted sum of yes; 0 asks for the record only. Not negative.</param>
public sealed record ChecklistQuestion(string Name, string Dimension, string Text, double Weight)
{
    /// <summary>Where the user's words go in a question's text.</summary>
    public const string PromptPlace = "[[prompt]]";

    /// <summary>Whether the question takes part in <see cref="ScoreScale.SignedMean"/>; those without weight usually do not.</summary>
    public bool Selected { get; init; } = Weight > 0;

    /// <summary>The narrower group in <see cref="Dimension"/> whose questions ask for more or less of one thing; null for none. <see cref="Dominance.SubDimension"/> compares the yeses in it.</summary>
    public string? SubDimension { get; init; }

    /// <summary>The question about one query.</summary>
    /// <param name="query">The user's own words, not the optimized prompt.</param>
    public string Ask(string query) => Text.Replace(PromptPlace, query, StringComparison.Ordinal);
}

/// <summary>A list of questions with weights, from files or from code.</summary>
public sealed class Checklist
{
    /// <param name="id">Names the checklist in scores and caches.</param>
    /// <param name="questions">At least one; names unique, weights finite and not negative.</param>
    /// <exception cref="ArgumentException">The questions break a rule above.</exception>
    public Checklist(string id, IReadOnlyList<ChecklistQuestion> questions)
    {
        if (questions.Count == 0)
            throw new ArgumentException("expected at least one question, found none", nameof(questions));
        if (questions.FirstOrDefault(q => !(q.Weight >= 0 && double.IsFinite(q.Weight))) is { } bad)
            throw new ArgumentException($"question '{bad.Name}': expected a weight of at least 0, found {bad.Weight}", nameof(questions));
        if (questions.GroupBy(q => q.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"question name '{twice.Key}' is there {twice.Count()} times; names must be unique", nameof(questions));
        (Id, Questions) = (id, questions);
    }

    /// <summary>Names the checklist in scores and caches.</summary>
    public string Id { get; }

    /// <summary>The questions, in the order of their answers.</summary>
    public IReadOnlyList<ChecklistQuestion> Questions { get; }

    /// <summary>The greatest sum of yes: all weights.</summary>
    public double Total => Questions.Sum(q => q.Weight);

    /// <summary>The same questions with other weights, for a judge that these were fitted to (see <see cref="WeightFit"/>).</summary>
    /// <param name="id">Names the new checklist.</param>
    /// <param name="weights">One a question.</param>
    public Checklist WithWeights(string id, IReadOnlyList<double> weights) => weights.Count == Questions.Count
        ? new(id, [.. Questions.Select((q, i) => q with { Weight = weights[i], Selected = weights[i] > 0 })])
        : throw new ArgumentException($"expected {Questions.Count} weights, found {weights.Count}", nameof(weights));

    /// <summary>Reads a checklist of one's own: a JSON array of { "name", "dimension", "sub_dimension", "text", "weight" }; only the text must be there.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is not such an array; the message names it.</exception>
    public static Checklist Load(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return new(Path.GetFileNameWithoutExtension(path), [.. json.RootElement.EnumerateArray().Select((q, i) => new ChecklistQuestion(
                q.TryGetProperty("name", out var name) ? name.GetString()! : $"q{i + 1:00}",
                q.TryGetProperty("dimension", out var dimension) ? dimension.GetString()! : "",
                q.GetProperty("text").GetString() ?? throw new InvalidOperationException("text is null"),
                q.TryGetProperty("weight", out var weight) ? weight.GetDouble() : 1)
                {
                    SubDimension = q.TryGetProperty("sub_dimension", out var narrower) ? narrower.GetString() : null,
                })]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new InvalidDataException($"'{path}': expected a JSON array of {{ name, dimension, text, weight }}: {e.Message}", e);
        }
    }
}
