using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Vpo;

/// <summary>Reads options from configuration without reflection; a value that is not a number is an error that names its key.</summary>
internal static class VpoOptionsBinding
{
    public static void Bind(IConfiguration section, VpoOptions options)
    {
        options.Temperature = Number(section, nameof(VpoOptions.Temperature)) ?? options.Temperature;
        options.TopP = Number(section, nameof(VpoOptions.TopP)) ?? options.TopP;
        options.MaxNewTokens = Whole(section, nameof(VpoOptions.MaxNewTokens)) ?? options.MaxNewTokens;
        options.TokenBudget = Whole(section, nameof(VpoOptions.TokenBudget)) ?? options.TokenBudget;
        options.TemplateFile = section[nameof(VpoOptions.TemplateFile)] ?? options.TemplateFile;
    }

    private static double? Number(IConfiguration section, string key) => section[key] switch
    {
        null or "" => null,
        var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
        var text => throw new InvalidOperationException($"Configuration '{key}' must be a number; found '{text}'."),
    };

    private static int? Whole(IConfiguration section, string key) => section[key] switch
    {
        null or "" => null,
        var text when int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) => value,
        var text => throw new InvalidOperationException($"Configuration '{key}' must be a whole number; found '{text}'."),
    };
}
