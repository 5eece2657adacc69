package dev.tenon.formats.protobuf;

/** The encoding of a field: the low three bits of its tag. */
final class WireType {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int GROUP_START = 3;
    static final int GROUP_END = 4;
    static final int FIXED32 = 5;

    private WireType() {}

    static String name(int type) {
        return switch (type) {
            case VARINT -> "a varint";
            case FIXED64 -> "8 fixed bytes";
            case BYTES -> "a length and its bytes";
            case GROUP_START -> "the start of a group";
            case GROUP_END -> "the end of a group";
            case FIXED32 -> "4 fixed bytes";
            default -> "wire type " + type;
        };
    }
}
