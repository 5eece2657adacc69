package dev.tenon.text;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.text.file.TokenizerFile;
import dev.tenon.text.normalize.ByteCharacters;
import dev.tenon.text.post.PostProcessing;
import dev.tenon.text.post.Template;
import dev.tenon.text.post.Truncation;
import dev.tenon.text.stage.TokenList;
import dev.tenon.text.unicode.CharacterClasses;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes rows of tokens: truncates, adds special tokens, trims offsets. Immutable. */
final class RowMaker {
    private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private final TokenizerFile file;
    private final Optional<Truncation> truncation;
    private final boolean allWindows;
    private final boolean specials;

    RowMaker(TokenizerFile file, Optional<Truncation> truncation, boolean allWindows, boolean specials) {
        this.file = file;
        this.truncation = truncation;
        this.allWindows = allWindows;
        this.specials = specials;
    }

    /**
     * The tokens of a text.
     *
     * @param tokens the tokens; their offsets count code points
     * @param units the index of the first code unit of each code point, and the length; null if both are the same
     */
    record Side(TokenList tokens, int[] units) {}

    /** The number of special tokens of a row. */
    int specials(boolean pair) {
        return specials ? template(pair).specials() : 0;
    }

    private Template template(boolean pair) {
        return pair ? file.processing().pair() : file.processing().single();
    }

    /** A row of one text, or of two if the second is not null. */
    Encoding make(Side first, Side second) {
        boolean pair = second != null;
        int firstSize = first.tokens().size();
        int secondSize = pair ? second.tokens().size() : 0;
        List<Truncation.Window> firsts = List.of(new Truncation.Window(0, firstSize));
        List<Truncation.Window> seconds = List.of(new Truncation.Window(0, secondSize));
        if (truncation.isPresent()) {
            Truncation rule = truncation.get();
            int[] kept = rule.kept(firstSize, secondSize, pair, rule.maxLength() - specials(pair));
            firsts = rule.windows(firstSize, kept[0], allWindows);
            seconds = rule.windows(secondSize, kept[1], allWindows);
        }
        List<Encoding> others = new ArrayList<>();
        long held = 0;
        for (int i = 1; i <= firsts.size(); i++) {
            // The combinations with the first window come last.
            Truncation.Window a = firsts.get(i % firsts.size());
            for (int j = i == firsts.size() ? 1 : 0; j < seconds.size(); j++) {
                Encoding other = row(first, a, second, seconds.get(j), List.of());
                held += other.length();
                if (held > Batch.MAX_TOKENS) {
                    throw new ResourceLimitException(
                            "windows of a text",
                            "more than " + Batch.MAX_TOKENS + " tokens",
                            null,
                            "encode shorter texts");
                }
                others.add(other);
            }
        }
        return row(first, firsts.getFirst(), second, seconds.getFirst(), others);
    }

    private Encoding row(Side first, Truncation.Window a, Side second, Truncation.Window b, List<Encoding> others) {
        Template template = template(second != null);
        long length = specials(second != null);
        for (Template.Part part : template.parts()) {
            if (part instanceof Template.Text text) {
                length += text.second() ? b.to() - b.from() : a.to() - a.from();
            }
        }
        // A template may have a text more than once.
        long once = specials(second != null) + (long) a.to() - a.from() + b.to() - b.from();
        if (length > Math.max(once, Batch.MAX_TOKENS) || length > MAX_LENGTH) {
            throw new ResourceLimitException(
                    "row of a text", length + " tokens", "at most " + Batch.MAX_TOKENS, "encode shorter texts");
        }
        Encoding.Columns out = Encoding.Columns.of((int) length);
        int at = 0;
        for (Template.Part part : template.parts()) {
            switch (part) {
                case Template.Special special -> at = specials ? special(special, out, at) : at;
                case Template.Text text -> {
                    Side side = text.second() ? second : first;
                    at = text(side, text.second() ? b : a, text, out, at);
                }
            }
        }
        return new Encoding(out, others);
    }

    private static int special(Template.Special special, Encoding.Columns out, int from) {
        int at = from;
        for (int id : special.ids()) {
            out.ids()[at] = id;
            out.typeIds()[at] = special.typeId();
            out.attention()[at] = 1;
            out.words()[at] = Encoding.NONE;
            out.sequences()[at++] = Encoding.NONE;
        }
        return at;
    }

    private int text(Side side, Truncation.Window window, Template.Text text, Encoding.Columns out, int from) {
        TokenList tokens = side.tokens();
        int at = from;
        for (int i = window.from(); i < window.to(); i++) {
            out.ids()[at] = tokens.id(i);
            out.typeIds()[at] = text.typeId();
            out.attention()[at] = 1;
            out.words()[at] = tokens.word(i);
            out.sequences()[at] = text.second() ? 1 : 0;
            int start = tokens.from(i);
            int end = tokens.to(i);
            for (PostProcessing.Trim trim : file.processing().trims()) {
                int leading = leading(tokens, i);
                int trailing = trailing(tokens, i);
                boolean added = leading == 1 && trim.prefixed() && (i == window.from() || start == 0);
                start = Math.min(start + (added ? 0 : leading), end);
                end = trailing > 0 && end >= trailing ? Math.max(end - trailing, start) : end;
            }
            out.starts()[at] = side.units() == null ? start : side.units()[start];
            out.ends()[at++] = side.units() == null ? end : side.units()[end];
        }
        return at;
    }

    private int leading(TokenList tokens, int index) {
        if (tokens.isPiece(index)) {
            return tokens.leading(index);
        }
        String token = file.model().vocabulary().token(tokens.id(index));
        int count = 0;
        while (token != null && count < token.length() && isSpace(token.charAt(count))) {
            count++;
        }
        return count;
    }

    private int trailing(TokenList tokens, int index) {
        if (tokens.isPiece(index)) {
            return tokens.trailing(index);
        }
        String token = file.model().vocabulary().token(tokens.id(index));
        int count = 0;
        while (token != null && count < token.length() && isSpace(token.charAt(token.length() - 1 - count))) {
            count++;
        }
        return count;
    }

    private static boolean isSpace(char c) {
        return c == ByteCharacters.space() || CharacterClasses.isWhiteSpace(c);
    }
}
