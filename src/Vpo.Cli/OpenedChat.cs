using System.ClientModel;
using System.ClientModel.Primitives;
using System.CommandLine;
using Microsoft.Extensions.AI;
using OpenAI;
using Vpo.Models.Chat;
using Vpo.Models.Decoding;

namespace Vpo.Cli;

/// <summary>A chat model that the user named: a local one, or one behind an address that speaks the chat completions protocol (vLLM, SGLang, llama.cpp, Ollama, hosted services).</summary>
internal static class OpenedChat
{
    /// <summary>What an option that takes an address says.</summary>
    public const string Says = "the address of a chat completions server, such as http://localhost:8000/v1";

    /// <summary>Options that go with an address.</summary>
    public static (Option<string?> Name, Option<string?> Key) Options() => (
        new("--chat-model") { Description = "The model's name at the server." },
        new("--key-variable") { Description = "The environment variable that holds the server's key, where it wants one." });

    public static bool IsAddress(string name) => Uri.TryCreate(name, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    /// <param name="name">An address, or a local model.</param>
    /// <param name="server">What --chat-model and --key-variable say.</param>
    /// <param name="weights">What --weights says, for a local model.</param>
    public static IChatClient Open(string name, (string? Model, string? KeyVariable) server, WeightChoice? weights = null)
    {
        if (!IsAddress(name))
            return LlamaChatClient.Open(OpenedModel.Locate(name), new() { Weights = weights?.ToWeightType() ?? WeightType.Auto });
        if (string.IsNullOrWhiteSpace(server.Model))
            throw new ArgumentException($"give --chat-model: which model to ask at {name}.");
        var key = server.KeyVariable is not { } variable ? "none"
            : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } found ? found
            : throw new ArgumentException($"--key-variable: the environment variable {variable} is not set.");
        CheckReachable(new(name));
        var options = new OpenAIClientOptions { Endpoint = new(name), RetryPolicy = new ClientRetryPolicy(0), NetworkTimeout = Timeout.InfiniteTimeSpan };   // both are UseRobustCalls' work
        return new OpenAIClient(new ApiKeyCredential(key), options).GetChatClient(server.Model).AsIChatClient().AsBuilder().UseRobustCalls().Build();
    }

    /// <summary>Refuses an address at which nobody listens now, not after minutes of retries.</summary>
    private static void CheckReachable(Uri address)
    {
        try
        {
            using var connection = new System.Net.Sockets.TcpClient();
            if (!connection.ConnectAsync(address.Host, address.Port).Wait(TimeSpan.FromSeconds(10)))
                throw new IOException($"no server answers at {address} within 10 seconds: check the address, and that the server runs.");
        }
        catch (AggregateException e)
        {
            throw new IOException($"no server answers at {address}: check the address, and that the server runs ({e.InnerException?.Message})", e);
        }
    }

    /// <summary>A model that sees pictures, which only servers have here.</summary>
    public static IChatClient OpenVision(string name, (string? Model, string? KeyVariable) server) => IsAddress(name)
        ? Open(name, server)
        : throw new ArgumentException($"--vision: expected {Says}, found '{name}': local chat models of this program do not see pictures.");
}
