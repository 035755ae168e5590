namespace Vpo;

/// <summary>What other programs train on is the whole message to the model: an instruction with the query in its place.</summary>
internal readonly record struct ExchangeTemplate
{
    private const string Placeholder = "{query}";
    private readonly string _before, _after;

    public ExchangeTemplate(string instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        var at = instruction.IndexOf(Placeholder, StringComparison.Ordinal);
        if (at < 0)
            throw new ArgumentException($"expected an instruction with {Placeholder} in the place of the query, found none", nameof(instruction));
        (_before, _after) = (instruction[..at], instruction[(at + Placeholder.Length)..]);
    }

    public string Fill(string query) => _before + query + _after;

    /// <summary>The query again.</summary>
    /// <exception cref="FormatException">The message was made with another instruction.</exception>
    public string QueryOf(string message)
    {
        if (message.Length < _before.Length + _after.Length || !message.StartsWith(_before, StringComparison.Ordinal) || !message.EndsWith(_after, StringComparison.Ordinal))
            throw new FormatException("the message to the model does not have the given instruction around the query: give the instruction that the file was made with");
        return message[_before.Length..^_after.Length];
    }
}
