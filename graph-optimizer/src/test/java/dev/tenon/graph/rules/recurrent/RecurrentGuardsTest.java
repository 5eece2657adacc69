package dev.tenon.graph.rules.recurrent;

import static dev.tenon.graph.rules.recurrent.RecurrentRulesTest.AFTER;
import static dev.tenon.graph.rules.recurrent.RecurrentRulesTest.BEFORE;
import static dev.tenon.graph.rules.recurrent.RecurrentRulesTest.MIX;
import static dev.tenon.graph.rules.recurrent.RecurrentRulesTest.TORCH;
import static dev.tenon.graph.rules.recurrent.RecurrentRulesTest.UPDATES;
import static dev.tenon.graph.rules.recurrent.RecurrentRulesTest.loop;
import static dev.tenon.graph.rules.recurrent.RecurrentRulesTest.lstm;
import static dev.tenon.graph.rules.recurrent.RecurrentRulesTest.one;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loops that differ from steps of a cell in one thing, and unusual ones that are such steps. */
class RecurrentGuardsTest {
    private static final RuleSet SET = RecurrentRules.SET;
    private static final String NO_STEPS = "no steps of a cell";
    private static final String ADDED = "%a = Mul(%rest, %n); %c = Mul(%z, %h); %hn = Add(%a, %c)";
    private static final String SUM =
            "%w = R(3,2); %u = R(2,2); %a = MatMul(%x, %w); %c = MatMul(%h, %u); %d = Add(%a, %c)";

    /** A text with one part, or one after the other, in the place of another. */
    private static String changed(String text, String from, String to) {
        String result = text;
        for (int i = 0; i < from.split(" & ").length; i++) {
            String old = from.split(" & ")[i];
            assertThat(result).contains(old);
            result = result.replace(old, to.split(" & ")[i]);
        }
        return result;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %tc = Tanh(%cn)    | %tc = Sigmoid(%cn)
        Add(%kept, %new)   | Sub(%kept, %new)
        Mul(%si, %tg)      | Mul(%si, %sf)
        %sf = Sigmoid(%f)  | %most = ReduceMax<keepdims=0>(%f) & %sf = Sigmoid(%most)
        """)
    void otherStepsThanThoseOfAnLstmStay(String from, String to) {
        Rewrites.refuses(SET, "loop-lstm", lstm(TORCH, "").replace(from, to.replace(" & ", "\n")), NO_STEPS);
    }

    @Test
    void gatesOfAnLstmAreCutInManyWays() {
        String gates = "%k = R(5,8); %half = const f32[1,1] {0.5}; %xh = Concat<axis=-1>(%x, %h); %p = MatMul(%xh, %k);"
                + " %all = Add(%p, %half); %z = const i64[3] {2, 4, 2}; %i, %fg, %o = Split<axis=1>(%all, %z);"
                + " %n = const i64[1] {0}; %m = const i64[1] {2}; %far = const i64[1] {99}; %back = const i64[1] {-2};"
                + " %a = const i64[1] {-1}; %v = const i64[1] {1}; %f = Slice(%fg, %n, %m, %a, %v);"
                + " %g = Slice(%fg, %back, %far, %v)";
        Rewrites.fires(SET, "loop-lstm", lstm(gates, ""));
    }

    @Test
    void gatesOfAGruAreCutFromTwoProducts() {
        String step = "%wx = R(3,6); %bx = R(6); %wh = R(2,6); %bh = R(6); %gx = Gemm(%x, %wx, %bx);"
                + " %gh = Gemm(%h, %wh, %bh); %zx, %rx, %xnb = Split<axis=1, num_outputs=3>(%gx);"
                + " %zh, %rh0, %hub = Split<axis=1, num_outputs=3>(%gh); %zz = Add(%zx, %zh); %rr = Add(%rx, %rh0);"
                + " %z = Sigmoid(%zz); %r = Sigmoid(%rr); %rh = Mul(%r, %hub); %arg = Add(%xnb, %rh); %n = Tanh(%arg); ";
        Rewrites.fires(SET, "loop-gru", one(step + MIX + ADDED, "%hn"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        AFTER  | %rest = Sub(%one, %z)         | %rest = Add(%one, %z)
        AFTER  | %z = Sigmoid(%zz)             | %z = Tanh(%zz)
        BEFORE | %r = Sigmoid(%rr)             | %r = Tanh(%rr)
        AFTER  | %hn = Add(%a, %c)             | %hn = Sub(%a, %c)
        AFTER  | %a = Mul(%rest, %n)           | %a = Mul(%rest, %xn)
        AFTER  | %c = Mul(%z, %h)              | %c = Mul(%z, %hu)
        AFTER  | %wn = R(3,2) & %bn = R(2)     | %wn = R(3,1) & %bn = R(1)
        AFTER  | %un = R(2,2) & %dn = R(2)     | %un = R(2,1) & %dn = R(1)
        AFTER  | %arg = Add(%xnb, %rh)         | %once = Add(%xnb, %rh); %arg = Add(%once, %rh)
        AFTER  | %r = Sigmoid(%rr)             | %wr = R(3,2); %xr = MatMul(%x, %wr); %r = Sigmoid(%xr)
        AFTER  | %hub = Add(%hu, %dn)          | %both = Add(%hu, %dn); %hub = Add(%both, %xn)
        AFTER  | %hu = MatMul(%h, %un)         | %hu = MatMul(%x, %wn)
        AFTER  | %n = Tanh(%arg)               | %n = Tanh(%rh)
        AFTER  | %xnb = Add(%xn, %bn)          | %of = R(2,2); %more = MatMul(%h, %of); %s = Add(%xn, %bn); %xnb = Add(%s, %more)
        AFTER  | %arg = Add(%xnb, %rh)         | %arg = Add(%bn, %rh)
        AFTER  | %hn = Add(%a, %c) & Tanh(%arg) | %d = Sub(%h, %n); %j = Mul(%z, %d); %hn = Add(%j, %n) & Relu(%arg); %t = Tanh(%arg)
        AFTER  | %hn = Add(%a, %c)             | %q = Mul(%n, %z); %d = Add(%n, %q); %hn = Add(%d, %c)
        AFTER  | %hn = Add(%a, %c)             | %d = Sub(%n, %rest); %hn = Add(%d, %n)
        """)
    void otherStepsThanThoseOfAGruStay(String candidate, String from, String to) {
        String step = UPDATES + (candidate.equals("AFTER") ? AFTER : BEFORE) + MIX + ADDED;
        Rewrites.refuses(SET, "loop-gru", one(changed(step, from, to), "%hn"), NO_STEPS);
    }

    @Test
    void aStateThatNeverChangesIsNoStep() {
        String text = one(UPDATES + AFTER + MIX + ADDED, "%hn").replace("return %hn", "return %h");
        Rewrites.refuses(SET, "loop-gru", text, NO_STEPS);
    }

    private static final String WHOLE = "%xh = Concat<axis=1>(%x, %h); %k = R(5,2); %p = MatMul(%xh, %k)";
    private static final String WIDE = "%xh = Concat<axis=1>(%x, %h); %k = R(5,4); %p = MatMul(%xh, %k);"
            + " %n = const i64[1] {0}; %v = const i64[1] {1}; %m = const i64[1] {2}; %far = const i64[1] {99}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %e = Exp(%x); %xh = Concat<axis=1>(%e, %h); %k = R(5,2); %d = MatMul(%xh, %k)
        %e = Exp(%h); %xh = Concat<axis=1>(%x, %e); %k = R(5,2); %d = MatMul(%xh, %k)
        %e = Exp(%h); %xh = Concat<axis=1>(%e, %x); %k = R(5,2); %d = MatMul(%xh, %k)
        %e = Exp(%x); %xh = Concat<axis=1>(%h, %e); %k = R(5,2); %d = MatMul(%xh, %k)
        %xh = Concat<axis=1>(%h, %x, %x); %k = R(8,2); %d = MatMul(%xh, %k)
        %xh = Concat<axis=1>(%x, %h, %h); %k = R(7,2); %d = MatMul(%xh, %k)
        %xh = Concat<axis=1>(%x); %k = R(3,2); %d = MatMul(%xh, %k)
        %u = R(2,2); %c = MatMul(%h, %u); %d = Add(%c, %h)
        %w = R(3,2); %u = R(2,2); %v = Exp(%u); %a = MatMul(%x, %w); %c = MatMul(%h, %v); %d = Add(%a, %c)
        WIDE; %q = const i64[1] {99}; %e = const i64[1] {120}; %d = Slice(%p, %q, %e, %v)
        %w = R(3,1); %u = R(2,2); %a = MatMul(%x, %w); %c = MatMul(%h, %u); %d = Add(%a, %c)
        %w = R(3,1); %u = R(2,2); %a = MatMul(%x, %w); %c = MatMul(%h, %u); %d = Add(%c, %a)
        %w = R(3,1); %b = R(2); %u = R(2,2); %a = MatMul(%x, %w); %s = Add(%a, %b); %c = MatMul(%h, %u); %d = Add(%s, %c)
        WIDE; %z = Concat<axis=0>(%m, %m); %d, %o = Split<axis=1>(%p, %z)
        WIDE; %o = Concat<axis=0>(%n); %d = Slice(%p, %o, %m, %v)
        WIDE; %o = Concat<axis=0>(%v); %d = Slice(%p, %n, %m, %o)
        WIDE; %o = Concat<axis=0>(%v); %d = Slice(%p, %n, %m, %v, %o)
        WIDE; %q = const i64[1] {4}; %d = Slice(%p, %n, %q, %v, %m)
        WIDE; %q = const i64[1] {-99}; %d = Slice(%p, %q, %m, %v)
        WIDE; %e = Exp(%p); %q = const i64[1] {-2}; %d = Slice(%e, %q, %far, %v)
        WIDE; %i = const i64[2] {0, 0}; %j = const i64[2] {2, 1}; %o = const i64[2] {1, 0}; %d = Slice(%p, %i, %j, %o)
        WHOLE; %n = const i64[1] {0}; %v = const i64[1] {1}; %d = Slice(%p, %n, %v)
        WHOLE; %n = const i64[1] {0}; %v = const i64[1] {1}; %d = Slice(%p, %n, %v, %n)
        """)
    void otherSumsStay(String sum) {
        String step = sum.replace("WIDE", WIDE).replace("WHOLE", WHOLE) + "; %hn = Tanh(%d)";
        Rewrites.refuses(SET, "loop-rnn", one(step, "%hn"), NO_STEPS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        2 | WHOLE; %d, %o = Split<axis=0, num_outputs=2>(%p)
        3 | %w = R(3,2); %u = R(2,2); %a = Gemm<transA=1>(%x, %w); %c = MatMul(%h, %u); %d = Add(%a, %c)
        """)
    void otherSumsOfKnownBatchesStay(String batch, String sum) {
        String text = one(sum.replace("WHOLE", WHOLE) + "; %hn = Tanh(%d)", "%hn");
        text = text.replace("[b,", "[" + batch + ",").replace("[t,b,", "[t," + batch + ",");
        Rewrites.refuses(SET, "loop-rnn", text, NO_STEPS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        [b,2] | [b,2] | %e = Exp(%x); %xh = Concat<axis=1>(%e, %h); %k = R(4,2); %d = MatMul(%xh, %k)
        [1,2] | [1,2] | %xh = Concat<axis=0>(%x, %h); %k = R(2,2); %p = MatMul(%xh, %k); %c = MatMul(%h, %k); %d = Add(%c, %p)
        [b,3] | [b,1] | %xh = Concat<axis=1>(%x, %h); %k = R(4,1); %p = MatMul(%xh, %k); %b = R(2); %d = Add(%p, %b)
        """)
    void otherSumsOfKnownColumnsStay(String x, String h, String sum) {
        String text = one(sum + "; %hn = Tanh(%d)", "%hn").replace("[b,2]", h);
        text = text.replace("%x: f32[b,3]", "%x: f32" + x).replace("[t,b,3]", x.replace("[", "[t,"));
        Rewrites.refuses(SET, "loop-rnn", text, NO_STEPS);
    }

    @Test
    void aBiasThatIsWiderThanTheGatesStays() {
        String step = changed(UPDATES, "R(5,4) & R(4) & {2, 2}", "R(4,2) & R(2) & {1, 1}")
                + changed(AFTER, "R(3,2) & R(2,2) & %dn = R(2)", "R(3,1) & R(1,1) & %dn = R(1)");
        Rewrites.refuses(SET, "loop-gru", one(step + MIX + ADDED, "%hn").replace("[b,2]", "[b,1]"), NO_STEPS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %x: f32[b,3] | %x: f32[b,q] | WHOLE
        %h: f32[b,2] | %h: f32[b,q] | %xh = Concat<axis=1>(%x, %h); %k = R(2,2); %p = MatMul(%xh, %k)
        %h: f32[b,2] | %h: f32[*]   | %w = R(3,2); %u = R(2,2); %a = MatMul(%x, %w); %c = MatMul(%h, %u); %p = Add(%a, %c)
        """)
    void operandsOfUnknownTypesStay(String from, String to, String product) {
        String text = one(product.replace("WHOLE", WHOLE) + "; %hn = Tanh(%p)", "%hn");
        Rewrites.refuses(SET, "loop-rnn", text.replace(from, to), NO_STEPS);
    }

    @Test
    void theElementsOfTheSequenceMayBeOfUnknownSizeInTheBody() {
        String text = one(SUM + "; %hn = Tanh(%d)", "%hn");
        Rewrites.fires(SET, "loop-rnn", text.replace("%x: f32[b,3]", "%x: f32[b,q]"));
    }

    @Test
    void emptySequencesAndStatesStay() {
        String inputs = one(SUM.replace("R(3,2)", "R(0,2)") + "; %hn = Tanh(%d)", "%hn");
        Rewrites.refuses(
                SET,
                "loop-rnn",
                inputs.replace("[t,b,3]", "[t,b,0]").replace("[b,3]", "[b,0]"),
                "goes through a sequence of shape [t,b,0]");
        String states = one(SUM.replace("R(3,2)", "R(3,0)").replace("R(2,2)", "R(0,0)") + "; %hn = Tanh(%d)", "%hn");
        Rewrites.refuses(SET, "loop-rnn", states.replace("[b,2]", "[b,0]"), NO_STEPS);
    }

    @Test
    void aStateIsAMatrix() {
        String text = one("%u = R(2,2); %c = MatMul(%h, %u); %hn = Tanh(%c)", "%hn");
        Rewrites.refuses(SET, "loop-rnn", text.replace("[b,2]", "[2]"), "a state begins with shape [2]");
    }

    private static String sums(int count, String operand) {
        StringBuilder step = new StringBuilder(SUM + "; %b = R(2); %s0 = Add(%d, %b)");
        for (int i = 0; i < count; i++) {
            step.append("; %%s%d = Add(%%s%d, %s)".formatted(i + 1, i, operand.equals("itself") ? "%s" + i : operand));
        }
        return one(step + "; %hn = Tanh(%s" + count + ")", "%hn");
    }

    @Test
    void aSumThatIsUsedTwiceIsFollowedOnce() {
        Rewrites.fires(SET, "loop-rnn", sums(8, "itself"));
    }

    @Test
    void longSumsStay() {
        Rewrites.refuses(SET, "loop-rnn", sums(250, "%b"), NO_STEPS);
    }

    /** A loop whose body has one more number from outside, %q0. */
    private static String captured(String text, String value) {
        return text.replace("%q: f32[t,b,3])", "%q: f32[t,b,3], %q0: i64[" + (value.equals("%none") ? "0])" : "])"))
                .replace("%h0, %s)", "%h0, %s, " + value + ")")
                .replace("%h0: f32[b,2]) {", "%h0: f32[b,2], %given: i64[]) {")
                .replace("%two = const", "%none = Shape(%zero)\n%two = const");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %yes, %h0 | %yes, %h0 | %x = Gather<axis=-3>(%q, %i) | %go
        %yes, %h0 | _, %h0    | %x = Gather(%q, %i) | %go
        %yes, %h0 | %yes, %h0 | %always = const bool[] {true}; %x = Gather(%q, %i) | %always
        """)
    void aLoopEndsWithItsSequence(String from, String to, String body, String go) {
        Rewrites.fires(SET, "loop-rnn", loop("%t", body, go).replace(from, to));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        it ends by a condition  | %t    | %t | %k = const bool[] {false}; %x = Gather(%q, %i) | %k
        no sequence is read     | %t    | %t | %k = const i64[] {0}; %x = Gather(%q, %k) | %go
        not only used to read   | %t    | %t | %k = Cast<to=1>(%i); %x = Gather(%q, %i) | %go
        not only used to read   | %t    | %t | %k = Add(%q0, %i); %x = Gather(%q, %k) | %go
        not only used to read   | %t    | %t | %k = Trilu(%q, %i); %o = const i64[] {0}; %x = Gather(%k, %o) | %go
        to be the length of     | _     | %t | %x = Gather(%q, %i) | %go
        to be the length of     | %none | %t | %x = Gather(%q, %i) | %go
        to be the length of     | %sizes | %t | %x = Gather(%q, %i) | %go
        the end of the sequence | %t | %t     | %o = const i64[] {1}; %m = Add(%q0, %o); %k = Sub(%m, %i); %x = Gather(%q, %k) | %go
        the end of the sequence | %t | %given | %o = const i64[] {1}; %m = Sub(%q0, %o); %k = Sub(%m, %i); %x = Gather(%q, %k) | %go
        the end of the sequence | %t | %given | %o = const i64[] {9}; %m = Sub(%o, %q0); %k = Sub(%m, %i); %x = Gather(%q, %k) | %go
        the end of the sequence | %t | %given | %k = Sub(%q0, %i); %x = Gather(%q, %k) | %go
        the end of the sequence | %t | %t     | %o = const i64[0] {}; %k = Sub(%o, %i); %l = Gather(%q, %k); %e = const i64[] {0}; %x = Gather(%q, %e) | %go
        the end of the sequence | %t | %none  | %k = Sub(%q0, %i); %l = Gather(%q, %k); %e = const i64[] {0}; %x = Gather(%q, %e) | %go
        the end of the sequence | %t | %t     | %e = const i64[] {0}; %o = const i64[] {1}; %m = Sub(%q0, %o); %m1 = Sub(%m, %e); %m2 = Sub(%m1, %e); %m3 = Sub(%m2, %e); %m4 = Sub(%m3, %e); %k = Sub(%m4, %i); %x = Gather(%q, %k) | %go
        """)
    void otherLoopsThanThoseOverASequenceStay(String reason, String rounds, String value, String body, String go) {
        Rewrites.refuses(SET, "loop-rnn", captured(loop(rounds, body, go), value), reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        to be the length of    | %two | %s: f32[t,b,3]      | %s: f32[*]
        it ends by a condition | %t   | const bool[] {true} | const bool[0] {}
        """)
    void loopsWithUnusualOperandsStay(String reason, String rounds, String from, String to) {
        Rewrites.refuses(SET, "loop-rnn", loop(rounds, "%x = Gather(%q, %i)", "%go").replace(from, to), reason);
    }

    @Test
    void aLoopOverTwoSequencesOrWithOtherNumbersOfStatesStays() {
        String text = one(SUM + "; %hn = Tanh(%d)", "%hn");
        Rewrites.stays(
                SET,
                text.replace("%x: f32[b,3])", "%x: f32[b,3], %x2: f32[b,3])")
                        .replace("num_scan_inputs=1>(%h0, %s)", "num_scan_inputs=2>(%h0, %s, %s)"));
        Rewrites.stays(
                SET,
                text.replace("step(%h: f32[b,2]", "step(%h: f32[b,2], %i: f32[b,2], %j: f32[b,2]")
                        .replace("return %hn, all", "return %hn, %i, %j, all")
                        .replace("carried=1", "carried=3")
                        .replace("(%h0, %s)", "(%h0, %h0, %h0, %s)")
                        .replace("%h1, %y = ", "%h1, %h2, %h3, %y = "));
        Rewrites.stays(
                SET,
                text.replace("step(%h: f32[b,2], ", "step(")
                        .replace("MatMul(%h, ", "MatMul(%a, ")
                        .replace("return %hn, all", "return all")
                        .replace("carried=1", "carried=0")
                        .replace("(%h0, %s)", "(%s)")
                        .replace("%h1, %y", "%y"));
    }

    @Test
    void aLoopMayHaveNoOutputsButItsState() {
        String text = one(SUM + "; %hn = Tanh(%d)", "%hn").replace(", all=%hn", "");
        Rewrites.fires(SET, "loop-rnn", text.replace("%h1, %y", "%h1"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        scan_output_axes=[2]  | an output is stacked along axis 2
        scan_output_axes=[-1] | an output is stacked along axis -1
        scan_input_axes=[2]   | goes through a sequence of shape [4,3,4] along axis 2
        """)
    void otherAxesStay(String attributes, String reason) {
        String text = lstm(TORCH, ", " + attributes);
        text = attributes.contains("input") ? text.replace("[t,b,3]", "[b,3,4]").replace("[b,", "[4,") : text;
        Rewrites.refuses(SET, "loop-lstm", text, reason);
    }

    @Test
    void allOutputsAreStackedInTheDirectionOfTheSequence() {
        String text = lstm(TORCH, ", scan_input_directions=[1], scan_output_directions=[1, 0]")
                .replace("all=%hn", "all=%hn, again=%hn")
                .replace("%h1, %c1, %y = ", "%h1, %c1, %y, %z = ");
        Rewrites.refuses(SET, "loop-lstm", text, "stacked in another direction");
    }
}
