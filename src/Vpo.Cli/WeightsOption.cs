using System.CommandLine;
using Vpo.Models.Decoding;

namespace Vpo.Cli;

/// <summary>What <c>--weights</c> says; an enumeration of the program's own, since that of Vpo.Models would load libtorch for <c>--help</c>.</summary>
internal enum WeightChoice
{
    Auto,
    Float32,
    BFloat16,
    Int8,
}

/// <summary><c>--weights</c>: in which type the matrices of a language model are read while it writes.</summary>
internal static class WeightsOption
{
    private static readonly Dictionary<string, WeightChoice> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["auto"] = WeightChoice.Auto,
        ["f32"] = WeightChoice.Float32,
        ["bf16"] = WeightChoice.BFloat16,
        ["int8"] = WeightChoice.Int8,
    };

    public static Option<WeightChoice?> Create()
    {
        var option = new Option<WeightChoice?>("--weights")
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

    /// <summary>The library's name of it.</summary>
    public static WeightType ToWeightType(this WeightChoice choice) => choice switch
    {
        WeightChoice.Float32 => WeightType.Float32,
        WeightChoice.BFloat16 => WeightType.BFloat16,
        WeightChoice.Int8 => WeightType.Int8,
        _ => WeightType.Auto,
    };
}
