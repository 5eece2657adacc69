package dev.tenon.generation.schedule;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.text.DecodeStream;
import dev.tenon.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The end of a text that is generated: takes its tokens one after the other, and gives out the text that may be shown. That is whole
 * characters, and nothing that may be the beginning of a stop text. All parts together are the text of all tokens, up to the stop text
 * that ends first, or up to a token that ends the sequence. Of stop texts that end at one place, the longest counts.
 *
 * <p>Special tokens have no text. A stop text that is the name of a special token stops at this token. For one thread at a time.
 */
public final class TextTail {
    private final DecodeStream decoder;
    private final Set<Integer> endIds;
    private final Map<Integer, String> stopIds = new HashMap<>();
    private final List<StopText> stops = new ArrayList<>();

    /** Text that was not given out. */
    private final StringBuilder held = new StringBuilder();

    private boolean stopped;
    private String stopText;

    /**
     * Begins a text.
     *
     * @param tokenizer makes text of tokens
     * @param stops the stop texts, none empty
     * @param endIds the ids that end the sequence
     * @throws InvalidOptionException if a stop text is empty, or has half of a surrogate pair
     */
    public TextTail(Tokenizer tokenizer, List<String> stops, Set<Integer> endIds) {
        this.decoder = tokenizer.decodeStream();
        this.endIds = Set.copyOf(endIds);
        for (String stop : new HashSet<>(stops)) {
            check(stop);
            OptionalInt id = tokenizer.id(stop);
            if (id.isPresent() && tokenizer.decode(id.getAsInt()).isEmpty()) {
                stopIds.put(id.getAsInt(), stop);
            } else {
                this.stops.add(new StopText(stop));
            }
        }
    }

    /**
     * Says whether a text can be a stop text.
     *
     * @param stop the text
     * @throws InvalidOptionException if it is empty, or has half of a surrogate pair
     */
    public static void check(String stop) {
        boolean half = stop.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
        if (stop.isEmpty() || half) {
            throw new InvalidOptionException(
                    "stop text",
                    half ? "half of a surrogate pair" : "an empty text",
                    "a text of at least one character, all of them whole",
                    null);
        }
    }

    /**
     * Takes the next token. After a stop, it adds nothing.
     *
     * @param id its id
     * @return the text that may be shown now, may be empty
     */
    public String append(int id) {
        if (stopped) {
            return "";
        }
        if (endIds.contains(id) || stopIds.containsKey(id)) {
            String rest = finish();
            if (!stopped) {
                stopped = true;
                stopText = stopIds.get(id);
            }
            return rest;
        }
        return add(decoder.add(id), false);
    }

    /**
     * Ends the text, since no more tokens come.
     *
     * @return the text that was held back, but for a stop text; empty after a stop. U+FFFD stands for bytes of a character that is not
     *     whole
     */
    public String finish() {
        return stopped ? "" : add(decoder.finish(), true);
    }

    /** {@return whether a stop text or a token that ends the sequence has come} */
    public boolean stopped() {
        return stopped;
    }

    /** {@return the stop text that has come; null if none has} */
    public String stopText() {
        return stopText;
    }

    private String add(String text, boolean all) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            held.append(unit);
            for (StopText stop : stops) {
                if (stop.add(unit) && (stopText == null || stop.text().length() > stopText.length())) {
                    stopText = stop.text();
                }
            }
            if (stopText != null) {
                stopped = true;
                held.setLength(held.length() - stopText.length());
                return shown(held.length());
            }
        }
        int back = 0;
        for (StopText stop : stops) {
            back = Math.max(back, stop.agreeing());
        }
        return shown(held.length() - (all ? 0 : back));
    }

    private String shown(int length) {
        String shown = held.substring(0, length);
        held.delete(0, length);
        return shown;
    }
}
