namespace Vpo;

/// <summary>How demonstrations and pairs are written for other programs.</summary>
public enum ExchangeFormat
{
    /// <summary>This library's own records, one a line: the only form that names where a record came from.</summary>
    Vpo,

    /// <summary>LLaMA-Factory "sharegpt", a JSON array, as VPO's released program writes it: messages with role and content; chosen and rejected as messages.</summary>
    LlamaFactory,

    /// <summary>LLaMA-Factory "alpaca", a JSON array: instruction, input, output; or chosen and rejected.</summary>
    LlamaFactoryAlpaca,

    /// <summary>TRL's plain form, JSON Lines: prompt and completion; prompt, chosen and rejected.</summary>
    Trl,

    /// <summary>TRL's conversational form, JSON Lines: the same fields as lists of messages.</summary>
    TrlConversational,
}
