package dev.tenon.text.regex;

import java.util.List;

/** The syntax tree of an expression. */
sealed interface RegexNode {
    /** Whether it can match without a character. */
    boolean mayBeEmpty();

    /**
     * One character.
     *
     * @param set the characters that match
     */
    record One(CharacterSet set) implements RegexNode {
        @Override
        public boolean mayBeEmpty() {
            return false;
        }
    }

    /**
     * Parts one after the other.
     *
     * @param parts the parts
     */
    record Sequence(List<RegexNode> parts) implements RegexNode {
        @Override
        public boolean mayBeEmpty() {
            return parts.stream().allMatch(RegexNode::mayBeEmpty);
        }
    }

    /**
     * One of several, the first that leads to a match.
     *
     * @param choices the choices
     */
    record Choice(List<RegexNode> choices) implements RegexNode {
        @Override
        public boolean mayBeEmpty() {
            return choices.stream().anyMatch(RegexNode::mayBeEmpty);
        }
    }

    /** How often a repetition tries first. */
    enum Greed {
        /** As often as possible, then less. */
        GREEDY,
        /** As seldom as possible, then more. */
        LAZY,
        /** As often as possible, never less. */
        POSSESSIVE
    }

    /**
     * A repetition.
     *
     * @param body the part that is repeated
     * @param least how often at least
     * @param most how often at most; {@link Integer#MAX_VALUE} for any number
     * @param greed how often first
     */
    record Repeat(RegexNode body, int least, int most, Greed greed) implements RegexNode {
        @Override
        public boolean mayBeEmpty() {
            return least == 0 || body.mayBeEmpty();
        }
    }

    /**
     * A part that is never tried in another way once it matched.
     *
     * @param body the part
     */
    record Atomic(RegexNode body) implements RegexNode {
        @Override
        public boolean mayBeEmpty() {
            return body.mayBeEmpty();
        }
    }

    /**
     * A look at the character after or before the place.
     *
     * @param set the characters
     * @param ahead whether the character after the place counts
     * @param negative whether there must be none of the set
     */
    record Look(CharacterSet set, boolean ahead, boolean negative) implements RegexNode {
        @Override
        public boolean mayBeEmpty() {
            return true;
        }
    }

    /** A place. */
    enum Place implements RegexNode {
        /** The start of a line. */
        LINE_START,
        /** The end of a line. */
        LINE_END,
        /** The start of the text. */
        START,
        /** The end of the text. */
        END,
        /** The end of the text, or the place before a line feed there. */
        LAST_LINE_END,
        /** Between a character of a word and another. */
        WORD_BOUNDARY,
        /** Elsewhere. */
        NO_WORD_BOUNDARY;

        @Override
        public boolean mayBeEmpty() {
            return true;
        }
    }
}
