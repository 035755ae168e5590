namespace Vpo.Queries;

/// <summary>A query taken apart: what is wished for, and the options that were typed with it.</summary>
public sealed record ParsedQuery
{
    /// <summary>The wish: entities decoded, options taken out, white space tidied. Empty when the query holds nothing but options.</summary>
    public required string Text { get; init; }

    /// <summary>The options in the order in which they were typed.</summary>
    public IReadOnlyList<QueryOption> Options { get; init; } = [];

    /// <summary>What must not be seen, of all such options, without leading "no"; null when there is none.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>What was taken out of where; in the order of taking.</summary>
    internal IReadOnlyList<Cut> Cuts { get; init; } = [];

    /// <summary>The text after the last cut, before tidying.</summary>
    internal string Rest { get; init; } = "";

    /// <summary>The value of an option, the last one where it was typed several times; null where it was not.</summary>
    public string? ValueOf(string name) => Options.LastOrDefault(o => o.Name == name)?.Value;

    /// <summary>A prompt with the options as they were typed behind it, for tools that read them from the prompt.</summary>
    public string Attach(string prompt) => Options.Count == 0 ? prompt : $"{prompt} {string.Join(' ', Options.Where(o => o.Name != QueryOptionNames.Font).Select(o => o.Raw.Trim()))}";

    /// <summary>The whole query again, entities decoded: nothing was lost.</summary>
    internal string Reassemble() => Cuts.Reverse().Aggregate(Rest, (text, cut) => string.Concat(text.AsSpan(0, cut.At), cut.Raw, text.AsSpan(cut.At + 1)));

    /// <summary>A place where one space stands for what was there.</summary>
    internal readonly record struct Cut(int At, string Raw);
}
