package dev.tenon.text.model;

import dev.tenon.text.stage.TokenList;
import dev.tenon.text.stage.TokenModel;
import dev.tenon.text.stage.Vocabulary;
import java.nio.charset.StandardCharsets;

/**
 * The byte-pair model. A word is spelled by its characters; then pairs of neighbours become one token, the pair of the least
 * rank first. Immutable.
 */
public final class BytePairs implements TokenModel {
    /**
     * The settings of a model.
     *
     * @param unknown the id of characters that have no token; {@link TokenModel#NONE} to leave them out
     * @param fuseUnknown whether unknown characters in a row are one token
     * @param byteFallback whether an unknown character is spelled by the tokens of its bytes, if all of them have one
     * @param ignoreMerges whether a word that is a token is not spelled
     * @param prefix the prefix of characters that do not begin a word; may be empty
     * @param suffix the suffix of characters that end a word; may be empty
     */
    public record Settings(
            int unknown,
            boolean fuseUnknown,
            boolean byteFallback,
            boolean ignoreMerges,
            String prefix,
            String suffix) {}

    private static final int DIRECT = 0x400;

    private final Vocabulary vocabulary;
    private final Merges merges;
    private final Settings settings;
    private final int[] direct = new int[DIRECT];
    private final int[] bytes;
    private final boolean plain;

    /**
     * Makes a model.
     *
     * @param vocabulary tokens and their ids
     * @param merges the pairs that become one token
     * @param settings the settings
     */
    public BytePairs(Vocabulary vocabulary, Merges merges, Settings settings) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.settings = settings;
        this.plain = settings.prefix().isEmpty() && settings.suffix().isEmpty();
        for (int c = 0; c < DIRECT; c++) {
            direct[c] = vocabulary.id(Character.toString(c));
        }
        bytes = settings.byteFallback() ? ByteTokens.ids(vocabulary) : null;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public void tokenize(int[] text, int from, int to, TokenList out) {
        if (settings.ignoreMerges()) {
            int id = vocabulary.id(new String(text, from, to - from));
            if (id != NONE) {
                out.add(id, from, to);
                return;
            }
        }
        WordSymbols symbols = new WordSymbols(to - from);
        spell(text, from, to, symbols);
        symbols.merge(merges);
        write(text, from, to, symbols, out);
    }

    private void spell(int[] text, int from, int to, WordSymbols symbols) {
        int unknownLength = 0;
        for (int i = from; i < to; i++) {
            int c = text[i];
            int length = Utf8Length.length(c);
            String spelled = plain ? null : spelled(c, i == from, i == to - 1);
            int id = spelled != null
                    ? vocabulary.id(spelled)
                    : c < DIRECT ? direct[c] : vocabulary.id(Character.toString(c));
            if (id != NONE) {
                if (unknownLength > 0) {
                    symbols.add(settings.unknown(), unknownLength);
                    unknownLength = 0;
                }
                symbols.add(id, length);
            } else if (bytes == null || !addBytes(spelled == null ? Character.toString(c) : spelled, symbols)) {
                if (settings.unknown() == NONE) {
                    continue;
                }
                if (unknownLength > 0 && !settings.fuseUnknown()) {
                    symbols.add(settings.unknown(), unknownLength);
                    unknownLength = 0;
                }
                unknownLength += length;
            }
        }
        if (unknownLength > 0) {
            symbols.add(settings.unknown(), unknownLength);
        }
    }

    private String spelled(int c, boolean first, boolean last) {
        return (first ? "" : settings.prefix()) + Character.toString(c) + (last ? settings.suffix() : "");
    }

    private boolean addBytes(String spelled, WordSymbols symbols) {
        byte[] all = spelled.getBytes(StandardCharsets.UTF_8);
        for (byte b : all) {
            if (bytes[b & 0xFF] == NONE) {
                return false;
            }
        }
        for (byte b : all) {
            symbols.add(bytes[b & 0xFF], 1);
        }
        return true;
    }

    // A token of some bytes of a character has the range of the character. Bytes of a suffix have that of the last one.
    private static void write(int[] text, int from, int to, WordSymbols symbols, TokenList out) {
        int at = from;
        long atByte = 0;
        long start = 0;
        for (int i = symbols.first(); i >= 0; i = symbols.next(i)) {
            long end = start + symbols.length(i);
            while (at < to - 1 && atByte + Utf8Length.length(text[at]) <= start) {
                atByte += Utf8Length.length(text[at++]);
            }
            int last = at;
            long lastByte = atByte + Utf8Length.length(text[last]);
            while (last < to - 1 && lastByte < end) {
                lastByte += Utf8Length.length(text[++last]);
            }
            out.add(symbols.id(i), at, last + 1);
            start = end;
        }
    }
}
