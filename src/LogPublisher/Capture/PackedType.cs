namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Types of values that read back as what they were. The numbers stand in files: none is used for another type.
/// </summary>
enum PackedType : byte
{
    Null = 0,
    String = 1,
    True = 2,
    False = 3,
    Int32 = 4,
    Int64 = 5,
    Double = 6,
    Decimal = 7,
    UInt32 = 8,
    UInt64 = 9,
    Int16 = 10,
    UInt16 = 11,
    Byte = 12,
    SByte = 13,
    Single = 14,
    DateTime = 15,
    DateTimeOffset = 16,
    TimeSpan = 17,
    Guid = 18,
    DateOnly = 19,
    TimeOnly = 20,
    Char = 21,
}
