using System.Text.RegularExpressions;

namespace Vpo.Queries;

/// <summary>How options are typed. Found in the 21,596 queries released with VPO, misspellings included; white space may be of any amount, so that tidying changes nothing.</summary>
internal static partial class OptionPatterns
{
    private const RegexOptions How = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    /// <summary>Hyphen, the dashes that phones make of two of them, minus; up to three.</summary>
    private const string Dash = "[-\u2010-\u2015\u2212]{1,3}";

    private const string Number = @"\d+(?:\.\d+)*";

    /// <summary>A number does not run into letters or a ratio: 4K and 16:9 are none.</summary>
    private const string NumberEnd = @"(?![\p{L}\d:])";

    private const string Sign = @"\s*[:=-]?\s*";

    /// <summary>Shape, also without its name.</summary>
    [GeneratedRegex($@"(?:{Dash}\s*(?:ar|arg|air|as(?=\s*\d+\s*:)|aspect(?:\s+ratio)?|image\s+size|size(?=\s*\d+\s*:)|camera(?=\s*\d+\s*:)){Sign}(?<v>\d+(?:\.\d+)?(?:\s*[:;x/×]+\s*\d+(?:\.\d+)?)?)|(?<![\p{{L}}\p{{N}}]){Dash}(?<v>\d+\s*:\s*\d+)(?:\s+aspect\s+ratio)?)(?![\p{{L}}\d])", How)]
    internal static partial Regex AspectRatio();

    /// <summary>Numbers of Pika, also glued to the word before, but not slow-motion.</summary>
    [GeneratedRegex($@"(?<!slow|stop){Dash}\s*(?<n>motion|motionon|moition|motin|movement|move|gs|fgs|guidance|fps|seeds?){Sign}(?<v>{Number}){NumberEnd}|(?<![\p{{L}}\p{{N}}]){Dash}(?<v>\d+)\s*(?<n>fps){NumberEnd}", How)]
    internal static partial Regex Numbers();

    /// <summary>Numbers with short names, of Pika and of image tools.</summary>
    [GeneratedRegex($@"(?<!\p{{L}}){Dash}(?<n>m|mo|mov|w|s|q|c|v|h|cs|iw|size|stylize|quality|chaos|niji|version|style|duration){Sign}(?<v>{Number}){NumberEnd}|(?<!\S)(?:--|[\u2013\u2014])(?<n>\p{{L}}{{1,12}}){Sign}(?<v>{Number}){NumberEnd}", How)]
    internal static partial Regex ShortNumbers();

    /// <summary>Switches, and styles that are a word.</summary>
    [GeneratedRegex($@"(?<!\p{{L}})(?:{Dash}(?<n>hide|niji)|--(?<n>tile|sq|realxl|video)|{Dash}(?<n>style)\s+(?<v>raw|cute|expressive|scenic|original)|--(?<n>style)\s+(?<v>\w+))(?![\p{{L}}\d])", How)]
    internal static partial Regex Switches();

    [GeneratedRegex($@"{Dash}\s*(?:cam|camer|camera|camara)(?!\p{{L}})\s*[:=]?\s*(?<v>{Moves})(?![\p{{L}}\d])|(?<![\p{{L}}\p{{N}}]){Dash}\s*(?<v>(?:zoom|pan){Direction}+)(?![\p{{L}}\d])", How)]
    internal static partial Regex Camera();

    private const string Moves = @"(?:zooms?|zooming|zoomed|pans?|panning|rotates?|rotation|rotating|moves?|moving|tilts?|clockwise|static|still)(?:" + Direction + ")*";

    private const string Direction = @"\s+(?:in|out|left|right|up|down|(?:anti|counter)?-?\s?clockwise|a?c?cw|to|the|and|fast|slow|slowly|\d{1,2}(?![\p{L}\d:.]))(?![\p{L}\d])";

    /// <summary>Only the name: the value goes to its closing quote, or to the next option or line end.</summary>
    [GeneratedRegex($@"(?:{Dash}\s*neg(?!\p{{L}})|(?<!\p{{L}}){Dash}(?:negative(?!\s*space)|nge?)(?!\p{{L}})|(?<!\S){Dash}no(?=\s+\p{{L}})|(?<!\p{{L}})(?:{Dash}\s*)?negative\s+prompts?(?=\s*[:=])|(?<!\p{{L}})(?:{Dash}\s*)?neg(?:ative)?(?=\s*:))\s*[:=]?", How)]
    internal static partial Regex Negative();

    [GeneratedRegex(@"(?<!\p{L})message\s*:(?<v>(?:(?!message\s*:)[^(])*)\(\s*font\s*:(?<f>[^()]*)\)", How)]
    internal static partial Regex Message();
}
