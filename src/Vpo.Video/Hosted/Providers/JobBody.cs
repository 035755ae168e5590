using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vpo.Video.Hosted;

/// <summary>Bodies of submits; made anew for each request, whole in memory, so that they can be sent again.</summary>
internal static class JobBody
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static HttpContent Json(JsonNode body) => new StringContent(body.ToJsonString(Plain), Encoding.UTF8, "application/json");

    /// <summary>A form of the fields that are not null, and the first frame as a file.</summary>
    public static HttpContent Form(JsonObject fields, string? fileField, byte[]? png)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
        {
            if (value is not null)
                form.Add(new StringContent(value is JsonValue v && v.TryGetValue<string>(out var text) ? text : value.ToJsonString(Plain)), name);
        }
        if (fileField is not null && png is not null)
            form.Add(new ByteArrayContent(png) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, fileField, "start.png");
        return form;
    }

    /// <summary>Sets a field unless the value is null.</summary>
    public static JsonObject With(this JsonObject body, string name, JsonNode? value)
    {
        if (value is not null)
            body[name] = value;
        return body;
    }

    /// <summary>Sets the provider's own fields, over those set before.</summary>
    public static JsonObject WithExtra(this JsonObject body, VideoPlan plan)
    {
        foreach (var (name, value) in plan.Extra)
            body[name] = value?.DeepClone();
        return body;
    }

    /// <summary>The first frame for services that take an address.</summary>
    public static string? DataUri(VideoPlan plan) => plan.StartFrame is { } png ? "data:image/png;base64," + Convert.ToBase64String(png) : null;

    public static HttpRequestMessage Post(Uri address, HttpContent? content, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return request;
    }
}
