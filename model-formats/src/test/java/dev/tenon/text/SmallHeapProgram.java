package dev.tenon.text;

import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.npy.Npy;
import dev.tenon.formats.npy.NpyRows;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Asks for more memory than a small heap has, in each of several ways. Prints how each attempt ends. */
public final class SmallHeapProgram {
    private static final int LENGTH = 1 << 20;
    private static final TokenizerOptions OPTIONS = TokenizerOptions.standard()
            .maxTextLength(LENGTH)
            .limits(Limits.standard().maxRecords(1 << 24));

    private SmallHeapProgram() {}

    private static Tokenizer read(String json) {
        return Tokenizer.load(stream(json), OPTIONS);
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String json(String normalizer, String model) {
        return "{\"version\":\"1.0\",\"added_tokens\":[],\"normalizer\":" + normalizer
                + ",\"pre_tokenizer\":null,\"post_processor\":null,\"decoder\":null,\"model\":" + model + "}";
    }

    public static void main(String[] args) {
        System.out.println("standard " + TokenizerOptions.standard().maxTextLength());
        Tokenizer bytes = read(json("null", TokenizerJson.bytePairs(true)));
        Tokenizer unigram = read(json("{\"type\":\"NFKD\"}", TokenizerJson.unigram(true)));
        Tokenizer words = read(TokenizerJson.small().text());
        String text = "ab \u4E2D".repeat(LENGTH / 4);
        attempt("encode bytes", () -> bytes.encode(text));
        attempt("encode unigram", () -> unigram.encode(text));
        attempt("encode words", () -> words.encode(text));
        attempt("encode pair", () -> words.encode("a", text));
        attempt("encodeAll", () -> bytes.encodeAll(List.of("a", text)));
        attempt("encodeAll pairs", () -> bytes.encodeAll(List.of("a"), List.of(text)));
        attempt("encodeBatch", () -> words.encodeBatch(Collections.nCopies(64, text.substring(0, 1 << 16))));
        int[] ids = IntStream.range(0, LENGTH).map(i -> 60 + i % 60).toArray();
        attempt("decode", () -> bytes.decode(repeated(ids)));
        Encoding row = words.with(OPTIONS.padding(Padding.fixed(1 << 16))).encode("a");
        attempt("batch", () -> Batch.of(Collections.nCopies(1 << 8, row)));
        attempt("read", SmallHeapProgram::largeFile);
        attempt("npy", () -> Npy.read(array(), Limits.standard()));
        attempt(
                "rows",
                () -> NpyRows.open("rows", array(), -1, Limits.standard()).next(2));
    }

    private static int[] repeated(int[] ids) {
        return IntStream.range(0, 3 * ids.length).map(i -> ids[i % ids.length]).toArray();
    }

    /** A file with a text that is longer than the heap, and is made while it is read. */
    private static Tokenizer largeFile() {
        InputStream letters = new Repeated('a', 1 << 26);
        return Tokenizer.load(
                new SequenceInputStream(
                        Collections.enumeration(List.of(stream("{\"version\":\""), letters, stream("\"}")))),
                OPTIONS.limits(Limits.standard().maxStringBytes(1 << 27)));
    }

    /** An array of two rows of 64 MiB. */
    private static InputStream array() {
        String header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 67108864), }";
        byte[] start = ("\u0093NUMPY\u0001\u0000" + (char) (header.length() + 1) + "\u0000" + header + "\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        return new SequenceInputStream(new ByteArrayInputStream(start), new Repeated(0, 1 << 27));
    }

    /** One byte, again and again. */
    private static final class Repeated extends InputStream {
        private final int value;
        private long left;

        Repeated(int value, long count) {
            this.value = value;
            this.left = count;
        }

        @Override
        public int read() {
            return left-- > 0 ? value : -1;
        }

        @Override
        public int read(byte[] buffer, int from, int length) {
            int count = (int) Math.min(left, length);
            Arrays.fill(buffer, from, from + count, (byte) value);
            left -= count;
            return count == 0 && length > 0 ? -1 : count;
        }
    }

    private static void attempt(String name, Runnable work) {
        try {
            work.run();
            System.out.println("ok " + name);
        } catch (TenonException e) {
            System.out.println("typed " + name + ": " + e.getMessage());
        }
    }
}
