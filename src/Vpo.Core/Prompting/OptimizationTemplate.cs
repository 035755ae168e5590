namespace Vpo.Prompting;

/// <summary>The instruction that a language model gets with a query: the task and the three principles of the paper (section 3.1).</summary>
/// <remarks>The wording is this project's own. Models that were trained with another wording need theirs, byte for byte: load it with <see cref="Load"/>.</remarks>
public sealed class OptimizationTemplate
{
    /// <summary>Where the query goes.</summary>
    public const string Placeholder = "{query}";

    private const string DefaultText = """
        You write prompts for a text-to-video model. Turn the wish below into one detailed English prompt for a clip of a few seconds. Keep to three principles:

        1. Harmless: leave out anything violent, sexual, hateful, illegal or otherwise harmful, even where the wish asks for it. Write a harmless scene in its place; do not refuse.
        2. Accurate: keep everything else that was asked for: who and what, how many, what they do and in which order, place, camera, light, colours, style, and quoted words as they are. Read options such as "-neg blur" as constraints.
        3. Helpful: add what a video model needs and the wish leaves open: how things look and move, the setting, the light, the camera. Be concrete and plain.

        Write only the prompt, as one paragraph that begins with the scene itself.

        Wish: {query}

        Prompt:
        """;

    private readonly string _before, _after;

    /// <param name="text">A text that holds <see cref="Placeholder"/> exactly once.</param>
    /// <exception cref="FormatException">The placeholder is missing or repeated.</exception>
    public OptimizationTemplate(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Split(Placeholder) is not [var before, var after])
            throw new FormatException($"a template must hold {Placeholder} exactly once; found it {text.Split(Placeholder).Length - 1} times.");
        (_before, _after) = (before, after);
    }

    /// <summary>The project's own instruction.</summary>
    public static OptimizationTemplate Default { get; } = new(DefaultText);

    /// <summary>The query alone, for small models that were trained on nothing else.</summary>
    public static OptimizationTemplate QueryOnly { get; } = new(Placeholder);

    /// <summary>The whole text.</summary>
    public string Text => _before + Placeholder + _after;

    /// <summary>Reads a template file as it is, to the last byte.</summary>
    /// <exception cref="FormatException">The placeholder is missing or repeated; the message names the file.</exception>
    public static OptimizationTemplate Load(string path)
    {
        try
        {
            return new(File.ReadAllText(path));
        }
        catch (FormatException e)
        {
            throw new FormatException($"'{path}': {e.Message}", e);
        }
    }

    /// <summary>Puts a query into the text. The query is not changed, whatever it holds.</summary>
    public string Fill(string query) => string.Concat(_before, query, _after);
}
