using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Generation;

/// <summary>Writes answers with the model as it is, in batches that are padded to one length: for every device, and for models that are being changed.</summary>
internal static class PlainRun
{
    /// <summary>Writes some of a call's answers; returns early when the call is over.</summary>
    public static void Run(LlamaModel model, Call call, Answer[] answers)
    {
        if (call.IsOver)
            return;
        using var quiet = inference_mode();
        using var scope = NewDisposeScope();
        var chooser = new BatchChooser(call.Options, (int)model.Config.VocabularySize);
        using var batch = StartBatch(model, answers);
        var rows = answers.ToList();
        while (!call.IsOver)
        {
            using var step = NewDisposeScope();
            var ids = chooser.Choose(batch.Logits, rows);
            for (var i = 0; i < rows.Count; i++)
            {
                if (!rows[i].IsFinished)
                    call.Add(rows[i], ids[i]);
            }
            if (!DropFinished(ref rows, ref ids, batch))
                return;
            batch.Step(ids);
        }
    }

    /// <summary>Equal prompts are read once and then multiplied.</summary>
    private static GenerationBatch StartBatch(LlamaModel model, Answer[] answers)
    {
        var groups = PromptGroup.Of(answers);
        var batch = GenerationBatch.Start(model, [.. groups.Select(g => g.Prompt)], answers.Max(a => a.Room));
        if (groups.Count == answers.Length)
            return batch;
        var rowOf = groups.Index().SelectMany(g => g.Item.Answers.Select(answer => (answer, g.Index))).ToDictionary();
        batch.Keep(Array.ConvertAll(answers, answer => rowOf[answer]));
        return batch;
    }

    /// <summary>Takes finished rows out of the batch once they are a quarter of it. False when all are finished.</summary>
    private static bool DropFinished(ref List<Answer> rows, ref int[] ids, GenerationBatch batch)
    {
        var alive = rows.Index().Where(row => !row.Item.IsFinished).Select(row => row.Index).ToArray();
        if (alive.Length == 0)
            return false;
        if (4 * (rows.Count - alive.Length) < rows.Count)
            return true;
        batch.Keep(alive);
        var (all, chosen) = (rows, ids);
        (rows, ids) = ([.. alive.Select(i => all[i])], [.. alive.Select(i => chosen[i])]);
        return true;
    }
}
