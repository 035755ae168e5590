using System.Text.Json;

namespace Vpo.Training.Losses;

/// <summary>Losses by the names and options of the programs that made the golden cases. An option that is not known here fails.</summary>
internal static class LossNames
{
    /// <summary>TRL 1.x: a list of types with weights.</summary>
    /// <param name="options">Of the loss.</param>
    /// <param name="others">Further options, which the caller heeds.</param>
    public static PreferenceLoss Trl(JsonElement options, params string[] others)
    {
        TrainingGolden.AllowOnly(options, ["beta", "loss_weights", "label_smoothing", "f_divergence_type", "f_alpha_divergence_coef", "ld_alpha", "use_weighting", "discopop_tau", "loss_type", .. others]);
        var (beta, smoothing, tau) = (Number(options, "beta", 0.1), Number(options, "label_smoothing", 0), Number(options, "discopop_tau", 0.05));
        var divergence = DivergenceOf(options);
        var names = options.GetProperty("loss_type").EnumerateArray().Select(e => e.GetString()!).ToArray();
        double[] weights = options.TryGetProperty("loss_weights", out var given) && given.ValueKind == JsonValueKind.Array
            ? [.. given.EnumerateArray().Select(e => e.GetDouble())]
            : [.. names.Select(_ => 1.0)];
        PreferenceLoss One(string name) => name switch
        {
            "sigmoid" => new PreferenceLoss.Sigmoid(beta, 0, divergence),   // TRL 1.x ignores label smoothing here
            "hinge" => new PreferenceLoss.Hinge(beta, divergence),
            "ipo" => new PreferenceLoss.Ipo(beta, divergence),
            "exo_pair" => new PreferenceLoss.ExoPair(beta, smoothing, divergence),
            "nca_pair" => new PreferenceLoss.NcaPair(beta),
            "robust" => new PreferenceLoss.Robust(beta, smoothing, divergence),
            "bco_pair" => new PreferenceLoss.BcoPair(beta),
            "sppo_hard" => new PreferenceLoss.SppoHard(beta),
            "aot" => new PreferenceLoss.Aot(beta, smoothing),
            "aot_unpaired" => new PreferenceLoss.AotUnpaired(beta, smoothing),
            "apo_zero" => new PreferenceLoss.ApoZero(beta),
            "apo_down" => new PreferenceLoss.ApoDown(beta),
            "discopop" => new PreferenceLoss.Discopop(beta, tau, divergence),
            "sft" => new PreferenceLoss.ChosenTokenMean(beta),
            "sigmoid_norm" => new PreferenceLoss.SigmoidOfMeans(beta, divergence),
            _ => throw new NotSupportedException($"TRL loss '{name}' is not known"),
        };
        return names is [var only] && weights[0] == 1 ? One(only) : new PreferenceLoss.Mix([.. names.Zip(weights, (n, w) => (One(n), w))]);
    }

    /// <summary>TRL 0.24, dpo_loss called as a function.</summary>
    public static PreferenceLoss Trl024(JsonElement options, double shift)
    {
        TrainingGolden.AllowOnly(options, "loss_type", "beta", "label_smoothing", "f_divergence_type", "f_divergence_params", "reference_free", "discopop_tau");
        var (beta, smoothing) = (Number(options, "beta", 0.1), Number(options, "label_smoothing", 0));
        Divergence? divergence = options.TryGetProperty("f_divergence_type", out var type) ? type.GetString() switch
        {
            "reverse_kl" => null,
            "js_divergence" => new Divergence.JensenShannon(),
            "alpha_divergence" => new Divergence.LegacyAlpha(Number(options.GetProperty("f_divergence_params"), "alpha_divergence_coef", 1)),
            var other => throw new NotSupportedException($"divergence '{other}' is not known"),
        } : null;
        return options.GetProperty("loss_type").GetString() switch
        {
            "sigmoid" => new PreferenceLoss.Sigmoid(beta, smoothing, divergence),
            "hinge" => new PreferenceLoss.Hinge(beta, divergence),
            "ipo" => new PreferenceLoss.IpoOfSums(beta, divergence),
            "exo_pair" => new PreferenceLoss.ExoPair(beta, smoothing == 0 ? 1e-3 : smoothing, divergence),
            "nca_pair" => new PreferenceLoss.NcaPair(beta),
            "robust" => new PreferenceLoss.Robust(beta, smoothing, divergence),
            "bco_pair" => new PreferenceLoss.BcoPair(beta, shift),
            "sppo_hard" => new PreferenceLoss.SppoHard(beta),
            "aot" => new PreferenceLoss.Aot(beta, smoothing),
            "aot_pair" => new PreferenceLoss.AotUnpaired(beta, smoothing),
            "apo_zero" => new PreferenceLoss.ApoZero(beta),
            "apo_down" => new PreferenceLoss.ApoDown(beta),
            "discopop" => new PreferenceLoss.Discopop(beta, Number(options, "discopop_tau", 0.05), divergence),
            var other => throw new NotSupportedException($"TRL 0.24 loss '{other}' is not known"),
        };
    }

    /// <summary>LLaMA-Factory; its ipo, simpo and orpo take averages per token, which callers give as sums of length 1.</summary>
    public static PreferenceLoss LlamaFactory(JsonElement options, double shift)
    {
        TrainingGolden.AllowOnly(options, "pref_loss", "pref_beta", "dpo_label_smoothing", "pref_ftx", "simpo_gamma", "pref_bco_weight", "ld_alpha");
        var (beta, ftx, bco) = (Number(options, "pref_beta", 0.1), Number(options, "pref_ftx", 0), Number(options, "pref_bco_weight", 0));
        var name = options.GetProperty("pref_loss").GetString();
        PreferenceLoss loss = name switch
        {
            "sigmoid" => new PreferenceLoss.Sigmoid(beta, Number(options, "dpo_label_smoothing", 0)),
            "hinge" => new PreferenceLoss.Hinge(beta),
            "ipo" => new PreferenceLoss.Ipo(beta),
            "kto_pair" => new PreferenceLoss.KtoPair(beta),
            "simpo" => new PreferenceLoss.Simpo(beta, Number(options, "simpo_gamma", 0.5)),
            "orpo" => new PreferenceLoss.OddsRatio(beta),
            _ => throw new NotSupportedException($"LLaMA-Factory loss '{name}' is not known"),
        };
        List<(PreferenceLoss, double)> terms = [(loss, 1 / (1 + bco))];
        if (bco > 0)
            terms.Add((new PreferenceLoss.BcoPair(beta, shift), bco / (1 + bco)));
        if (ftx + (name == "orpo" ? 1 : 0) is > 0 and var likelihood)
            terms.Add((new PreferenceLoss.ChosenSequenceMean(), likelihood));
        return terms.Count == 1 ? loss : new PreferenceLoss.Mix([.. terms]);
    }

    public static bool TakesAverages(JsonElement options) => options.GetProperty("pref_loss").GetString() is "ipo" or "simpo" or "orpo";

    /// <summary>TRL's CPO trainer (with SimPO and AlphaPO) and the odds-ratio term of its ORPO trainer; averages are given as sums of length 1.</summary>
    public static PreferenceLoss Cpo(JsonElement options)
    {
        TrainingGolden.AllowOnly(options, "label_smoothing", "alpha", "loss_type", "beta", "simpo_gamma", "cpo_alpha");
        var (beta, smoothing, alpha) = (Number(options, "beta", 0.1), Number(options, "label_smoothing", 0), Number(options, "alpha", 0));
        var gamma = Number(options, "simpo_gamma", 0.5);
        return (options.TryGetProperty("loss_type", out var type) ? type.GetString() : "orpo") switch
        {
            "simpo" when alpha != 0 && smoothing == 0 => new PreferenceLoss.AlphaPo(alpha, beta, gamma),
            "simpo" when alpha == 0 => new PreferenceLoss.Simpo(beta, gamma, smoothing),
            "sigmoid" => new PreferenceLoss.Cpo(beta, smoothing),
            "hinge" => new PreferenceLoss.CpoHinge(beta),
            "ipo" => new PreferenceLoss.CpoIpo(beta),
            "orpo" => new PreferenceLoss.OddsRatio(beta),
            var other => throw new NotSupportedException($"CPO loss '{other}' with these options is not known"),
        };
    }

    public static double Number(JsonElement options, string key, double fallback) =>
        options.ValueKind == JsonValueKind.Object && options.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : fallback;

    private static Divergence? DivergenceOf(JsonElement options) => (options.TryGetProperty("f_divergence_type", out var type) ? type.GetString() : "reverse_kl") switch
    {
        "reverse_kl" => null,
        "forward_kl" => new Divergence.ForwardKl(),
        "js_divergence" => new Divergence.JensenShannon(),
        "alpha_divergence" => new Divergence.Alpha(Number(options, "f_alpha_divergence_coef", 0.5)),
        var other => throw new NotSupportedException($"divergence '{other}' is not known"),
    };
}
