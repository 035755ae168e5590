using System.Runtime.InteropServices;

namespace Vpo.Models.Generation;

/// <summary>Answers to one prompt: it is read once for all of them.</summary>
internal sealed record PromptGroup(int[] Prompt, List<Answer> Answers)
{
    /// <summary>Groups in the order in which their prompts first appear.</summary>
    public static List<PromptGroup> Of(IEnumerable<Answer> answers)
    {
        var groups = new List<PromptGroup>();
        var known = new Dictionary<string, PromptGroup>(StringComparer.Ordinal);
        foreach (var answer in answers)
        {
            var key = new string(MemoryMarshal.Cast<int, char>(answer.Prompt));
            if (!known.TryGetValue(key, out var group))
            {
                known.Add(key, group = new(answer.Prompt.ToArray(), []));
                groups.Add(group);
            }
            group.Answers.Add(answer);
        }
        return groups;
    }

    /// <summary>How many leading ids all prompts have in common, leaving at least one id to each.</summary>
    public static int SharedLength(IReadOnlyList<int[]> prompts)
    {
        var length = prompts.Min(p => p.Length) - 1;
        foreach (var prompt in prompts)
            length = Math.Min(length, prompts[0].AsSpan(0, length).CommonPrefixLength(prompt));
        return length;
    }
}
