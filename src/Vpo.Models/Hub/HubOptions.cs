namespace Vpo.Models.Hub;

/// <summary>Where models come from and where they are kept. The defaults are those of Hugging Face's own library, so both share one cache.</summary>
public sealed record HubOptions
{
    /// <summary>The server. Default: the variable HF_ENDPOINT, else https://huggingface.co.</summary>
    public Uri Endpoint { get; init; } = new(Variable("HF_ENDPOINT") ?? "https://huggingface.co");

    /// <summary>The access token for gated and private models. Default: the variable HF_TOKEN, else the file "token" in HF_HOME, else none. It is sent to <see cref="Endpoint"/> only.</summary>
    public string? Token { get; init; } = Variable("HF_TOKEN") ?? TokenFile();

    /// <summary>The cache. Default: the variable HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub.</summary>
    public string CacheFolder { get; init; } = Variable("HF_HUB_CACHE") ?? Path.Combine(Home(), "hub");

    /// <summary>How often a file is tried again, going on where it stopped, after the network or the server failed.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The wait before the first retry; it doubles each time.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a download may stand still before it counts as broken.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Names the options without the token.</summary>
    public override string ToString() => $"{Endpoint} to {CacheFolder}{(Token is null ? "" : ", with a token")}";

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string Home() => Variable("HF_HOME")
        ?? Path.Combine(Variable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "huggingface");

    private static string? TokenFile() => Path.Combine(Home(), "token") is var path && File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
}
