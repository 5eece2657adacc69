package dev.tenon.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * The code that an emulated computer runs: from its first instruction to 64 bits with vectors and tiles switched on, and the
 * program that makes the calls. Bytes, since it needs instructions that kernels do not.
 */
final class EmulatedProgram {
    /** What the program says before the first call and after the last one. */
    static final int START = 1;

    static final int END = 2;

    /** What it says of a call. */
    static final int RIGHT = '.';

    static final int WRONG = 'F';
    static final int REGISTERS = 'R';
    static final int TILES = 'T';

    private static final int ROM_BYTES = 1 << 16;
    private static final int CODE = 0xE000;
    private static final int ROM_SEGMENT = 0xF000;
    private static final int ROM_AT = ROM_SEGMENT << 4;
    private static final int TILE_STATE = 0x20000;
    private static final long POISON = 0xDEAD_BEEF_0123_4560L;

    private final ByteArrayOutputStream code = new ByteArrayOutputStream();

    private EmulatedProgram() {}

    private EmulatedProgram raw(String bytes) {
        code.writeBytes(HexFormat.of().parseHex(bytes.replace(" ", "")));
        return this;
    }

    private EmulatedProgram word(int value) {
        code.writeBytes(ByteBuffer.allocate(2)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) value)
                .array());
        return this;
    }

    private EmulatedProgram dword(long value) {
        code.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) value)
                .array());
        return this;
    }

    private EmulatedProgram qword(long value) {
        code.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
        return this;
    }

    private int size() {
        return code.size();
    }

    /**
     * The ROM, in which a processor begins.
     *
     * @param memory the address of memory that the emulator has loaded
     * @param block the bytes of a block of it. The emulator gives blocks to a computer in the order of their first use
     * @param blocks the number of blocks
     * @param tables the address of the tables of pages
     * @param program the address of the program
     * @return 64 KB, the last ones below 4 GB and below 1 MB
     */
    static byte[] rom(long memory, int block, int blocks, long tables, long program) {
        EmulatedProgram p = new EmulatedProgram();
        int descriptors = CODE + 0x100;
        int table = descriptors + 4 * Long.BYTES;
        // cli; lgdt cs:[table]; set PE in CR0; jump to 32 bits
        p.raw("FA 2E 66 0F 01 16").word(table).raw("0F 20 C0 0C 01 0F 22 C0");
        p.raw("66 EA").dword(ROM_AT + CODE + p.size() + 6L).word(0x08);
        // ds, es and ss
        p.raw("66 B8 10 00 8E D8 8E C0 8E D0");
        // Read a word of each block.
        p.raw("B9")
                .dword(blocks)
                .raw("BE")
                .dword(memory)
                .raw("8B 06 81 C6")
                .dword(block)
                .raw("E2 F6");
        // CR4: PAE, OSFXSR, OSXMMEXCPT, OSXSAVE; CR3; EFER.LME
        p.raw("0F 20 E0 0D").dword(0x40620).raw("0F 22 E0 B8").dword(tables).raw("0F 22 D8");
        p.raw("B9").dword(0xC000_0080L).raw("0F 32 0D").dword(0x100).raw("0F 30");
        // CR0: not EM, TS, NW, CD; PG, NE, MP, PE; jump to 64 bits
        p.raw("0F 20 C0 25").dword(0x9FFF_FFF3L).raw("0D").dword(0x8000_0023L).raw("0F 22 C0");
        p.raw("EA").dword(ROM_AT + CODE + p.size() + 6L).word(0x18);
        // XCR0: x87, SSE, AVX, masks, both parts of AVX-512, both parts of tiles
        p.raw("31 C9 31 D2 B8")
                .dword(0x600E7)
                .raw("0F 01 D1 48 B8")
                .qword(program)
                .raw("FF E0");
        byte[] rom = new byte[ROM_BYTES];
        ByteBuffer bytes = ByteBuffer.wrap(rom).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(CODE, p.code.toByteArray());
        // Nothing; code of 32 bits; data; code of 64 bits. All are marked as accessed, since this memory can't be
        // written.
        List<Long> segments = List.of(0L, 0x00CF_9B00_0000_FFFFL, 0x00CF_9300_0000_FFFFL, 0x0020_9B00_0000_0000L);
        for (int i = 0; i < segments.size(); i++) {
            bytes.putLong(descriptors + i * Long.BYTES, segments.get(i));
        }
        bytes.putShort(table, (short) (segments.size() * Long.BYTES - 1));
        bytes.putInt(table + Short.BYTES, ROM_AT + descriptors);
        // The first instruction: jmp F000:CODE
        bytes.put(ROM_BYTES - 16, (byte) 0xEA);
        bytes.putShort(ROM_BYTES - 15, (short) CODE);
        bytes.putShort(ROM_BYTES - 13, (short) ROM_SEGMENT);
        return rom;
    }

    /** A ROM for a display, without code. The emulator demands one, and that the sum of its bytes is 0. */
    static byte[] displayRom() {
        byte[] rom = new byte[512];
        rom[0] = 0x55;
        rom[1] = (byte) 0xAA;
        rom[2] = 1;
        rom[3] = (byte) -(0x55 + 0xAA + 1);
        return rom;
    }

    /**
     * The program.
     *
     * @param stack the end of the stack
     * @param list the calls, 5 numbers each, the last of which is followed by a zero
     */
    static byte[] calls(long stack, long list) {
        EmulatedProgram p = new EmulatedProgram();
        p.raw("48 BC").qword(stack).raw("48 BD").qword(list).say(START);
        int loop = p.size();
        // rax: the function
        p.raw("48 8B 45 00 48 85 C0 0F 84");
        int end = p.size();
        EmulatedProgram body = oneCall();
        int jump = 5;
        p.dword(body.size() + jump);
        p.code.writeBytes(body.code.toByteArray());
        p.raw("E9").dword(loop - (p.size() + 4L));
        if (p.size() != end + 4 + body.size() + jump) {
            throw new AssertionError("the jump to the end of the program is wrong");
        }
        p.say(END);
        // Stop the emulator: write to a port that it knows for this; then wait for ever.
        p.raw("66 BA 00 89");
        for (byte c : "Shutdown".getBytes(StandardCharsets.US_ASCII)) {
            p.raw("B0").raw(HexFormat.of().toHexDigits(c)).raw("EE");
        }
        return p.raw("F4 EB FD").code.toByteArray();
    }

    private void say(int c) {
        raw("B0").raw(HexFormat.of().toHexDigits((byte) c)).raw("E6 E9");
    }

    private static EmulatedProgram oneCall() {
        List<String> loads = List.of("48 BB", "49 BC", "49 BD", "49 BE", "49 BF");
        List<String> compares = List.of("48 31 D8", "4C 31 E0", "4C 31 E8", "4C 31 F0", "4C 31 F8");
        EmulatedProgram p = new EmulatedProgram();
        for (int i = 0; i < loads.size(); i++) {
            p.raw(loads.get(i)).qword(POISON + i);
        }
        // rdi: the argument; call rax
        p.raw("48 8B 7D 08 FF D0");
        // r8: bits of rbx, r12 to r15 that have changed
        p.raw("45 31 C0");
        for (int i = 0; i < compares.size(); i++) {
            p.raw("48 B8").qword(POISON + i).raw(compares.get(i)).raw("49 09 C0");
        }
        // r9: whether the shapes and the data of tiles are in use, by xgetbv
        p.raw("B9").dword(1).raw("0F 01 D0 25").dword(TILE_STATE).raw("41 89 C1");
        // repe cmpsb
        p.raw("48 8B 7D 10 48 8B 75 18 48 8B 4D 20 39 C0 F3 A6 BA").dword(RIGHT);
        // r10 becomes edx if a condition holds
        p.raw("41 BA").dword(WRONG).raw("41 0F 45 D2");
        p.raw("4D 85 C9 41 BA").dword(TILES).raw("41 0F 45 D2");
        p.raw("4D 85 C0 41 BA").dword(REGISTERS).raw("41 0F 45 D2");
        // Say dl; unless all is well, then ecx too, a letter for each four bits.
        String digits = "41 B9 08 00 00 00" + "C1 C1 04 88 C8 24 0F 04 41 E6 E9 41 FF C9 75 F0";
        p.raw("88 D0 E6 E9 3C").raw(HexFormat.of().toHexDigits((byte) RIGHT));
        p.raw("74").raw(HexFormat.of().toHexDigits((byte)
                (digits.replace(" ", "").length() / 2)));
        p.raw(digits);
        return p.raw("48 83 C5 28");
    }
}
