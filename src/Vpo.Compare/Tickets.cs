using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vpo.Compare;

/// <summary>The right to vote once on one pair as it was shown.</summary>
/// <param name="Annotator">To whom it was shown.</param>
/// <param name="Pair">Id of the pair.</param>
/// <param name="Swapped">Whether the second side stands on the left.</param>
/// <param name="Shown">When, in milliseconds of Unix time.</param>
internal sealed record Ticket(string Annotator, string Pair, bool Swapped, long Shown);

/// <summary>Seals tickets (AES-GCM): a page holds one without being able to read which side is which, to change it, or to make another.</summary>
internal sealed class Tickets(SecretKey key)
{
    private const int NonceSize = 12, TagSize = 16;
    private readonly byte[] _key = key.For("tickets");

    public string Seal(Ticket ticket)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(ticket, TicketJson.Default.Ticket);
        var box = new byte[NonceSize + TagSize + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceSize));
        using var cipher = Cipher();
        cipher.Encrypt(box.AsSpan(0, NonceSize), plain, box.AsSpan(NonceSize + TagSize), box.AsSpan(NonceSize, TagSize));
        return Base64Url.EncodeToString(box);
    }

    /// <summary>The ticket, or null for anything that this key did not seal.</summary>
    public Ticket? Open(string? text)
    {
        if (string.IsNullOrEmpty(text) || !Base64Url.IsValid(text))
            return null;
        var box = Base64Url.DecodeFromChars(text);
        if (box.Length <= NonceSize + TagSize)
            return null;
        var plain = new byte[box.Length - NonceSize - TagSize];
        try
        {
            using var cipher = Cipher();
            cipher.Decrypt(box.AsSpan(0, NonceSize), box.AsSpan(NonceSize + TagSize), box.AsSpan(NonceSize, TagSize), plain);
            return JsonSerializer.Deserialize(plain, TicketJson.Default.Ticket);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    // One a call: a cipher is not safe for concurrent calls.
    private AesGcm Cipher() => new(_key, TagSize);
}

[JsonSerializable(typeof(Ticket))]
internal sealed partial class TicketJson : JsonSerializerContext;
