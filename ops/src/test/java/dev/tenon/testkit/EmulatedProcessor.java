package dev.tenon.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A processor with AMX, for machines that have none: the emulator Bochs runs a computer without disk, display or BIOS. Its
 * memory holds code, operands and a list of calls. A small program calls one function after the other and says of each whether
 * memory then holds what it should, whether the caller's registers are as they were, and whether tiles were given up. Pages
 * between operands are not mapped: a byte that is read or written there stops the computer.
 *
 * <p>Not thread-safe. To be used once.
 */
public final class EmulatedProcessor {
    /** How to get the emulator. */
    public static final String ABSENCE = "no bochs on the path: apt-get install bochs bochsbios";

    private static final int PAGE = 4096;
    private static final long BASE = 0x20_0000;
    private static final long OPERANDS = 0x4000_0000;
    private static final long ROM = 0xF_0000;
    private static final int ROM_BYTES = 1 << 16;
    private static final int MEGABYTES = 512;
    private static final int BLOCK = 512 << 10;
    private static final byte BETWEEN = (byte) 0xA5;
    private static final long MINUTES = 20;

    /** A call, as the program reads it: a function, its argument, memory that it writes, expected bytes, their number. */
    private record Call(long function, long argument, long found, long expected, long bytes) {}

    private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
    private final Map<Long, Long> pages = new TreeMap<>();
    private final List<Call> calls = new ArrayList<>();
    private long nextOperand = OPERANDS;

    /** A computer without code. */
    public EmulatedProcessor() {}

    /** {@return whether the emulator is on the path} */
    public static boolean isThere() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, "bochs")));
    }

    /**
     * Puts bytes into memory between pages that are not mapped.
     *
     * @param bytes the bytes, at least one
     * @param last whether the last one is the last one of its page; else the first one is the first of its page
     * @return the address
     */
    public long put(byte[] bytes, boolean last) {
        int count = Math.ceilDiv(bytes.length, PAGE);
        int before = last ? count * PAGE - bytes.length : 0;
        nextOperand += PAGE;
        long at = nextOperand + before;
        for (int i = 0; i < count; i++) {
            pages.put(nextOperand, BASE + memory.size() + (long) i * PAGE);
            nextOperand += PAGE;
        }
        fill(before);
        memory.writeBytes(bytes);
        fill(-memory.size() & PAGE - 1);
        return at;
    }

    private void fill(int bytes) {
        for (int i = 0; i < bytes; i++) {
            memory.write(BETWEEN);
        }
    }

    /** Puts bytes into memory whose addresses are those of the hardware. */
    private long putFixed(byte[] bytes) {
        long at = BASE + memory.size();
        for (int i = 0; i < bytes.length; i += PAGE) {
            pages.put(at + i, at + i);
        }
        memory.writeBytes(bytes);
        fill(-memory.size() & PAGE - 1);
        return at;
    }

    /**
     * Adds a call.
     *
     * @param function the address of a function
     * @param argument the address of its argument
     */
    public void call(long function, long argument) {
        calls.add(new Call(function, argument, 0, 0, 0));
    }

    /**
     * Expects bytes in memory after the last call.
     *
     * @param found the address of what is compared
     * @param expected the bytes
     */
    public void expect(long found, byte[] expected) {
        Call last = calls.removeLast();
        calls.add(new Call(last.function, last.argument, found, put(expected, true), expected.length));
    }

    /**
     * Runs all calls.
     *
     * @param folder a folder for the memory of the computer
     * @return for each call "." if all is well; else the reason
     * @throws IOException if the emulator can't be started
     * @throws InterruptedException if this thread is interrupted
     */
    public List<String> run(Path folder) throws IOException, InterruptedException {
        ByteBuffer list =
                ByteBuffer.allocate((calls.size() + 1) * 5 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (Call c : calls) {
            list.putLong(c.function)
                    .putLong(c.argument)
                    .putLong(c.found)
                    .putLong(c.expected)
                    .putLong(c.bytes);
        }
        long first = putFixed(list.array());
        long stack = putFixed(new byte[PAGE]) + PAGE;
        long program = putFixed(EmulatedProgram.calls(stack, first));
        for (long at = ROM; at < ROM + ROM_BYTES; at += PAGE) {
            pages.put(at, at);
        }
        long tables = tables();
        Files.write(folder.resolve("memory"), memory.toByteArray());
        byte[] rom = EmulatedProgram.rom(BASE, BLOCK, Math.ceilDiv(memory.size(), BLOCK), tables, program);
        Files.write(folder.resolve("rom"), rom);
        Files.write(folder.resolve("display"), EmulatedProgram.displayRom());
        Files.writeString(folder.resolve("bochsrc"), settings(folder));
        return answers(start(folder), folder);
    }

    private static String settings(Path folder) {
        return String.join(
                "\n",
                "display_library: rfb, options=\"timeout=0\"",
                "romimage: file=" + folder.resolve("rom"),
                "vgaromimage: file=" + folder.resolve("display"),
                "plugin_ctrl: sb16=0, es1370=0",
                "cpu: model=sapphire_rapids, count=1, ips=100000000, reset_on_triple_fault=0",
                "memory: guest=" + MEGABYTES + ", host=" + MEGABYTES + ", block_size=" + BLOCK / 1024,
                "optramimage1: file=" + folder.resolve("memory") + ", address=0x" + Long.toHexString(BASE),
                "port_e9_hack: enabled=1",
                "log: " + folder.resolve("log"),
                "panic: action=fatal",
                "error: action=report",
                "info: action=report",
                "debug: action=ignore",
                "clock: sync=none",
                "");
    }

    /** Tables of pages in four levels, the first of which holds one entry for all of memory here. */
    private long tables() {
        Map<Long, Long> level = pages;
        for (int shift = 12; shift < 48; shift += 9) {
            Map<Long, byte[]> next = new TreeMap<>();
            for (Map.Entry<Long, Long> page : level.entrySet()) {
                long index = page.getKey() >> shift;
                byte[] table = next.computeIfAbsent(index >> 9, key -> new byte[PAGE]);
                ByteBuffer.wrap(table)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong((int) (index & 511) * Long.BYTES, page.getValue() | 3);
            }
            Map<Long, Long> addresses = new TreeMap<>();
            int above = shift + 9;
            next.forEach((index, table) -> {
                addresses.put(index << above, BASE + memory.size());
                memory.writeBytes(table);
            });
            level = addresses;
        }
        return level.values().iterator().next();
    }

    private static Process start(Path folder) throws IOException {
        Process bochs = new ProcessBuilder(
                        "bochs", "-q", "-f", folder.resolve("bochsrc").toString())
                .redirectErrorStream(true)
                .start();
        // An emulator that was built with a debugger waits for a command.
        bochs.getOutputStream().write("c\n".getBytes(StandardCharsets.US_ASCII));
        bochs.getOutputStream().flush();
        return bochs;
    }

    /** Reads what the program says until it has said everything, or the computer has stopped. */
    private List<String> answers(Process bochs, Path folder) throws IOException, InterruptedException {
        Thread watchdog = Thread.ofVirtual().start(() -> {
            try {
                TimeUnit.MINUTES.sleep(MINUTES);
                bochs.destroyForcibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        List<String> answers = new ArrayList<>();
        try (InputStream out = bochs.getInputStream()) {
            boolean started = false;
            for (int c = out.read(); c >= 0 && c != EmulatedProgram.END; c = out.read()) {
                if (started && "FRT.".indexOf(c) < 0) {
                    // The emulator itself says why it stops.
                    said.write(c);
                    said.writeBytes(out.readAllBytes());
                    break;
                }
                if (started) {
                    answers.add(answer(c, out));
                } else {
                    said.write(c);
                }
                started |= c == EmulatedProgram.START;
            }
        } finally {
            bochs.destroyForcibly();
            bochs.waitFor();
            watchdog.interrupt();
        }
        if (answers.size() < calls.size()) {
            String log = Files.exists(folder.resolve("log")) ? Files.readString(folder.resolve("log")) : "";
            throw new AssertionError("the computer stopped after " + answers.size() + " of " + calls.size() + " calls: "
                    + end(log) + "; " + end(said.toString(StandardCharsets.US_ASCII)));
        }
        return answers;
    }

    private static String end(String text) {
        return text.substring(Math.max(0, text.length() - 4000)).replaceAll("\\s*\\R\\s*", " | ");
    }

    private String answer(int said, InputStream out) throws IOException {
        if (said == EmulatedProgram.RIGHT) {
            return ".";
        }
        byte[] letters = out.readNBytes(8);
        long left = 0;
        for (byte letter : letters) {
            if (letter < 'A' || letter > 'P') {
                throw new AssertionError("the program says " + said + " and " + Arrays.toString(letters));
            }
            left = left << 4 | letter - 'A';
        }
        return switch (said) {
            case EmulatedProgram.WRONG -> "wrong with " + left + " bytes left to compare";
            case EmulatedProgram.REGISTERS -> "the caller's registers are not what they were";
            case EmulatedProgram.TILES -> "tiles are not given up";
            default -> throw new AssertionError("the program says " + said);
        };
    }
}
