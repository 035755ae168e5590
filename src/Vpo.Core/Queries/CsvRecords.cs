using System.Text;

namespace Vpo.Queries;

/// <summary>The records of a CSV or TSV file (RFC 4180: quoted fields may hold separators, doubled quotes and line ends), one after another.</summary>
/// <remarks>A stray quote would make the rest of a file one field. So a record that does not come out right costs its first line alone, and reading goes on with the next.</remarks>
/// <param name="reader">Where lines come from.</param>
/// <param name="separator">Between fields.</param>
internal sealed class CsvRecords(TextReader reader, char separator)
{
    /// <summary>No query has as many lines; more is a quote that nobody closed.</summary>
    private const int MostLines = 500;

    private readonly LinkedList<string> _ahead = [];
    private int _line;

    /// <summary>The next record: the line it begins in, counted from 1, and its fields, or why there are none; null at the end.</summary>
    /// <param name="columns">How many fields are right; 0 takes any.</param>
    public (int Line, string[]? Fields, string? Damage)? Read(int columns)
    {
        if (Next() is not { } first)
            return null;
        var line = ++_line;
        List<string> lines = [first];
        var quotes = Quotes(first);
        while (quotes % 2 != 0 && lines.Count < MostLines && Next() is { } more)
        {
            lines.Add(more);
            quotes += Quotes(more);
        }
        var (fields, damage) = quotes % 2 != 0 ? (null, "a quote is opened and not closed") : Split(string.Join('\n', lines), columns);
        if (fields is null)
        {
            foreach (var later in Enumerable.Reverse(lines.Skip(1)))
                _ahead.AddFirst(later);
            return (line, null, damage);
        }
        _line += lines.Count - 1;
        return (line, fields, null);
    }

    private string? Next()
    {
        if (_ahead.First is not { } node)
            return reader.ReadLine();
        _ahead.RemoveFirst();
        return node.Value;
    }

    private static int Quotes(string line) => line.AsSpan().Count('"');

    private (string[]? Fields, string? Damage) Split(string record, int columns)
    {
        var fields = record.Contains('"', StringComparison.Ordinal) ? Unquote(record) : record.Split(separator);
        if (fields is null)
            return (null, "a character follows a closing quote");
        return columns == 0 || fields.Length == columns ? (fields, null) : (null, FormattableString.Invariant($"expected {columns} fields, found {fields.Length}"));
    }

    private string[]? Unquote(string record)
    {
        var fields = new List<string>();
        for (var at = 0; ;)
        {
            var (field, end) = record.Length > at && record[at] == '"' ? Quoted(record, at + 1) : Plain(record, at);
            if (field is null)
                return null;
            fields.Add(field);
            if (end >= record.Length)
                return [.. fields];
            at = end + 1;
        }
    }

    private (string? Field, int End) Plain(string record, int at)
    {
        var end = record.IndexOf(separator, at);
        return end < 0 ? (record[at..], record.Length) : (record[at..end], end);
    }

    private (string? Field, int End) Quoted(string record, int at)
    {
        var field = new StringBuilder();
        for (; at < record.Length; at++)
        {
            if (record[at] != '"')
                field.Append(record[at]);
            else if (at + 1 < record.Length && record[at + 1] == '"')
                field.Append(record[at++]);
            else if (at + 1 == record.Length || record[at + 1] == separator)
                return (field.ToString(), at + 1);
            else
                return (null, 0);
        }
        return (null, 0);
    }
}
