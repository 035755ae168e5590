namespace Vpo;

/// <summary>The instruction that a query is put into: any text with {query} in it.</summary>
public sealed record InstructionTemplate
{
    /// <summary>Where the query goes.</summary>
    public const string Placeholder = "{query}";

    /// <summary>The file in a model's folder that replaces the built-in instruction.</summary>
    public const string FileName = "vpo_template.txt";

    private readonly string _before, _after;

    /// <exception cref="ArgumentException">The text has no {query}.</exception>
    public InstructionTemplate(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.IndexOf(Placeholder, StringComparison.Ordinal);
        if (at < 0)
            throw new ArgumentException($"an instruction template must contain {Placeholder}, the place of the user's query.", nameof(text));
        (_before, _after) = (text[..at], text[(at + Placeholder.Length)..]);
    }

    /// <summary>This library's own wording of the three principles of VPO: harmless, accurate, helpful.</summary>
    public static InstructionTemplate Default { get; } = new(ChatTemplates.Instruction.ReplaceLineEndings("\n"));

    /// <summary>The query alone: for models that were trained on nothing else.</summary>
    public static InstructionTemplate QueryOnly { get; } = new(Placeholder);

    /// <summary>The text with the query in its place; white space around the query is dropped.</summary>
    public string Fill(string query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _before + query.Trim() + _after;
    }
}
