using System.CommandLine;
using Vpo.Models.Decoding;

namespace Vpo.Cli;

/// <summary><c>--weights</c>: in which type the matrices of a language model are read while it writes.</summary>
internal static class WeightsOption
{
    private static readonly Dictionary<string, WeightType> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["auto"] = WeightType.Auto,
        ["f32"] = WeightType.Float32,
        ["bf16"] = WeightType.BFloat16,
        ["int8"] = WeightType.Int8,
    };

    public static Option<WeightType?> Create()
    {
        var option = new Option<WeightType?>("--weights")
        {
            HelpName = string.Join('|', Names.Keys),
            Description = "Type in which the model's matrices are read: auto takes the fastest on this CPU ('vpo doctor' shows it), except for small models. Text differs a little between types. Default: auto; with --type, that type.",
            CustomParser = result =>
            {
                if (result.Tokens is [var token] && Names.TryGetValue(token.Value, out var type))
                    return type;
                result.AddError($"--weights takes {string.Join(", ", Names.Keys)}; found '{string.Join(' ', result.Tokens)}'.");
                return null;
            },
        };
        option.CompletionSources.Add(_ => Names.Keys.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        return option;
    }
}
