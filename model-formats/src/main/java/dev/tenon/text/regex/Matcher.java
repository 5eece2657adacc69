package dev.tenon.text.regex;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.text.regex.RegexNode.Greed;
import dev.tenon.text.regex.RegexNode.Place;
import java.util.Arrays;

/**
 * Tries the ways in which an expression may match, in order of preference. The ways still to try are in an array, so that
 * a long text needs no deep stack. For one text and one thread.
 */
final class Matcher {
    /** A frame: an instruction, a place, and for a loop the least place to go back to. */
    private static final int FRAME = 3;

    /** The most frames for each character of a text, and for any text. */
    private static final int FRAMES = 4;

    private static final int FREE_FRAMES = 1 << 10;
    private static final int MAX_FRAMES = 1 << 24;
    private static final int NO_LOOP = -1;
    private static final int MARK = -1;
    private static final Greed[] GREEDS = Greed.values();
    private static final Place[] PLACES = Place.values();

    private final OnigurumaRegex regex;
    private final int[] code;
    private final CharacterSet[] sets;
    private final int[] text;
    private final int start;
    private final int limit;
    private final int maxHeight;
    private long steps;
    private int[] stack = new int[FRAME * 32];
    private int height;

    Matcher(OnigurumaRegex regex, int[] text, int from, int to, long steps) {
        this.regex = regex;
        this.code = regex.code();
        this.sets = regex.sets();
        this.text = text;
        this.start = from;
        this.limit = to;
        this.steps = steps;
        this.maxHeight = FRAME * (int) Math.min(FREE_FRAMES + (long) FRAMES * (to - from), MAX_FRAMES);
    }

    /** The steps that are left. */
    long steps() {
        return steps;
    }

    /** The end of a match that starts at a place, or -1. */
    int match(int from) {
        height = 0;
        int pc = 0;
        int at = from;
        while (true) {
            if (--steps < 0) {
                throw tooMuch("more than " + OnigurumaRegex.STEPS + " steps for each character of");
            }
            boolean fails = false;
            switch (code[pc]) {
                case Instructions.ONE -> {
                    fails = at == limit || !sets[code[pc + 1]].contains(text[at]);
                    at++;
                    pc += 2;
                }
                case Instructions.SPLIT -> {
                    push(code[pc + 2], at, NO_LOOP);
                    pc = code[pc + 1];
                }
                case Instructions.JUMP -> pc = code[pc + 1];
                case Instructions.LOOP -> {
                    at = loop(pc, at);
                    fails = at < 0;
                    pc += 5;
                }
                case Instructions.LOOK -> {
                    fails = !look(pc, at);
                    pc += 4;
                }
                case Instructions.PLACE -> {
                    fails = !isAt(PLACES[code[pc + 1]], at);
                    pc += 2;
                }
                case Instructions.OPEN -> {
                    push(MARK, 0, NO_LOOP);
                    pc++;
                }
                case Instructions.CLOSE -> {
                    do {
                        height -= FRAME;
                    } while (stack[height] != MARK);
                    pc++;
                }
                default -> {
                    return at;
                }
            }
            if (fails) {
                int frame = pop();
                if (frame < 0) {
                    return -1;
                }
                pc = stack[frame];
                at = stack[frame + 1];
            }
        }
    }

    // The next way to try; a mark is none.
    private int pop() {
        while (height > 0) {
            int frame = height - FRAME;
            if (stack[frame] == MARK) {
                height = frame;
                continue;
            }
            int least = stack[frame + 2];
            if (least < 0) {
                height = frame;
                return frame;
            }
            if (lazy(stack[frame])) {
                if (!more(frame)) {
                    height = frame;
                    continue;
                }
                return resumed(frame);
            }
            // A greedy loop gives back one character. Its frame stays while there is another one.
            stack[frame + 1]--;
            if (stack[frame + 1] == least) {
                height = frame;
            }
            return resumed(frame);
        }
        return -1;
    }

    // Frames of loops name the loop; the way goes on after it. The copy is above the stack.
    private int resumed(int frame) {
        int copy = height;
        int pc = stack[frame] + 5;
        int at = stack[frame + 1];
        reserve(copy);
        stack[copy] = pc;
        stack[copy + 1] = at;
        return copy;
    }

    private boolean lazy(int pc) {
        return GREEDS[code[pc + 4]] == Greed.LAZY;
    }

    // A lazy loop takes one more character.
    private boolean more(int frame) {
        int pc = stack[frame];
        int at = stack[frame + 1];
        int taken = at - stack[frame + 2];
        if (at == limit || taken >= code[pc + 3] || !sets[code[pc + 1]].contains(text[at])) {
            return false;
        }
        stack[frame + 1]++;
        return true;
    }

    private int loop(int pc, int from) {
        CharacterSet set = sets[code[pc + 1]];
        int least = code[pc + 2];
        int most = code[pc + 3];
        Greed greed = GREEDS[code[pc + 4]];
        int wanted = greed == Greed.LAZY ? least : most;
        int end = wanted < limit - from ? from + wanted : limit;
        int at = from;
        while (at < end && set.contains(text[at])) {
            at++;
        }
        steps -= at - from;
        if (at - from < least) {
            return -1;
        }
        if (greed == Greed.LAZY) {
            push(pc, at, from);
        } else if (greed == Greed.GREEDY && at > from + least) {
            push(pc, at, from + least);
        }
        return at;
    }

    private boolean look(int pc, int at) {
        boolean ahead = code[pc + 2] != 0;
        boolean there = ahead
                ? at < limit && sets[code[pc + 1]].contains(text[at])
                : at > start && sets[code[pc + 1]].contains(text[at - 1]);
        return there != (code[pc + 3] != 0);
    }

    private boolean isAt(Place place, int at) {
        return switch (place) {
            case START -> at == start;
            case END -> at == limit;
            case LINE_START -> at == start || text[at - 1] == '\n';
            case LINE_END -> at == limit || text[at] == '\n';
            case LAST_LINE_END -> at == limit || at == limit - 1 && text[at] == '\n';
            case WORD_BOUNDARY -> isBoundary(at);
            case NO_WORD_BOUNDARY -> !isBoundary(at);
        };
    }

    private boolean isBoundary(int at) {
        boolean before = at > start && OnigurumaClasses.isWord(text[at - 1]);
        boolean after = at < limit && OnigurumaClasses.isWord(text[at]);
        return before != after;
    }

    private void push(int pc, int at, int least) {
        reserve(height);
        stack[height] = pc;
        stack[height + 1] = at;
        stack[height + 2] = least;
        height += FRAME;
    }

    private void reserve(int from) {
        if (from + FRAME > stack.length) {
            if (stack.length == maxHeight) {
                throw tooMuch("more than " + maxHeight / FRAME + " ways still to try in");
            }
            stack = Arrays.copyOf(stack, (int) Math.min(2L * stack.length, maxHeight));
        }
    }

    private ResourceLimitException tooMuch(String found) {
        return new ResourceLimitException(
                "regular expression " + regex.pattern(),
                found + " a text of " + (limit - start) + " characters",
                null,
                "write the expression so that it tries fewer ways, or cut the text");
    }
}
