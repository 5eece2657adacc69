package dev.tenon.graph.rules.recurrent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.algebra.AlgebraRules;
import dev.tenon.graph.rules.algebra.ReversalRules;
import dev.tenon.op.shape.Slice;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecurrentRulesTest {
    private static final RuleSet SET = AlgebraRules.SET.plus(RecurrentRules.SET);
    private static final Pattern DRAWN = Pattern.compile("R\\(([0-9,]+)\\)");

    private static final String LSTM = "%sf = Sigmoid(%f); %kept = Mul(%c, %sf); %si = Sigmoid(%i); %tg = Tanh(%g);"
            + " %new = Mul(%si, %tg); %cn = Add(%kept, %new); %so = Sigmoid(%o); %tc = Tanh(%cn); %hn = Mul(%so, %tc)";

    private static final String GATES = "%z = Sigmoid(%zz); %r = Sigmoid(%rr); ";

    /** A text with random tensors in the place of {@code R(2,3)}. */
    static String drawn(String text) {
        SplittableRandom random = new SplittableRandom(5);
        return DRAWN.matcher(text).replaceAll(m -> {
            long size = Pattern.compile(",")
                    .splitAsStream(m.group(1))
                    .mapToLong(Long::parseLong)
                    .reduce(1, (a, b) -> a * b);
            StringBuilder all = new StringBuilder("const f32[" + m.group(1) + "] {");
            for (long i = 0; i < size; i++) {
                all.append(i == 0 ? "" : ", ").append((float) random.nextDouble(-1, 1));
            }
            return all.append('}').toString();
        });
    }

    static String lines(String nodes) {
        return nodes.replace("; ", "\n");
    }

    static String lstm(String gates, String attributes) {
        return drawn("graph g(%s: f32[t,b,3], %h0: f32[b,2], %c0: f32[b,2]) {\n"
                + "%h1, %c1, %y = Scan<body=graph step(%h: f32[b,2], %c: f32[b,2], %x: f32[b,3]) {\n"
                + lines(gates + "; " + LSTM) + "\nreturn %hn, %cn, all=%hn\n}, carried=2, num_scan_inputs=1"
                + attributes
                + ">(%h0, %c0, %s)\nreturn %h1, %c1, %y\n}");
    }

    static final String TORCH = "%w = R(3,8); %u = R(2,8); %b = R(8); %d = R(8); %xw = MatMul(%x, %w);"
            + " %xb = Add(%xw, %b); %hu = MatMul(%h, %u); %hd = Add(%hu, %d); %all = Add(%xb, %hd);"
            + " %z = const i64[4] {2, 2, 2, 2}; %i, %f, %g, %o = Split<axis=1>(%all, %z)";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        TORCH
        %k = R(5,8); %b = R(8); %xh = Concat<axis=1>(%x, %h); %p = MatMul(%xh, %k); %all = Add(%p, %b); %i, %g, %f1, %o = Split<axis=-1, num_outputs=4>(%all); %one = const f32[] {1}; %f = Add(%f1, %one)
        %w = R(8,3); %u = R(8,2); %b = R(8); %d = R(1,8); %xb = Gemm<transB=1>(%x, %w, %b); %hd = Gemm<transB=1>(%h, %u, %d); %all = Add(%xb, %hd); %n = const i64[1] {0}; %e = const i64[1] {2}; %v = const i64[1] {4}; %q = const i64[1] {6}; %far = const i64[1] {99}; %a = const i64[1] {1}; %f = Slice(%all, %n, %e, %a); %i = Slice(%all, %e, %v, %a); %o = Slice(%all, %v, %q, %a); %g = Slice(%all, %q, %far, %a)
        %wi = R(5,2); %wf = R(5,2); %wg = R(5,2); %wo = R(5,2); %hx = Concat<axis=1>(%h, %x); %i = MatMul(%hx, %wi); %f = MatMul(%hx, %wf); %g = MatMul(%hx, %wg); %bo = R(2); %o = Gemm(%hx, %wo, %bo)
        """)
    void stepsOfLongShortTermMemory(String gates) {
        Graph result = Rewrites.fires(SET, "loop-lstm", lstm(gates.replace("TORCH", TORCH), ""));
        assertThat(result.toString()).contains(" = LSTM<hidden_size=2>(%s, ").doesNotContain("Scan");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        [1] | [0]  | [0]
        [0] | [1]  | [0]
        [1] | [1]  | [1]
        [0] | [-2] | [-3]
        [0] | [-3] | [-2]
        """)
    void axesAndDirectionsAreThoseOfTheLoop(String direction, String input, String output) {
        String text = lstm(
                TORCH,
                ", scan_input_axes=" + input + ", scan_output_axes=" + output + ", scan_input_directions=" + direction
                        + ", scan_output_directions=" + direction);
        boolean backwards = direction.equals("[1]");
        text = input.matches("\\[(1|-2)]") ? text.replace("%s: f32[t,b,3]", "%s: f32[b,t,3]") : text;
        Graph result = Rewrites.fires(SET, "loop-lstm", text);
        assertThat(result.toString())
                .contains(backwards ? "LSTM<direction=\"reverse\", hidden_size=2>" : "LSTM<hidden");
    }

    @Test
    void statesMayBeCarriedInTheOtherOrder() {
        String text = lstm(TORCH, "")
                .replace("%h: f32[b,2], %c: f32[b,2]", "%c: f32[b,2], %h: f32[b,2]")
                .replace("return %hn, %cn, all", "return %cn, %hn, all");
        Rewrites.fires(SET, "loop-lstm", text);
    }

    static String one(String step, String output) {
        return drawn("graph g(%s: f32[t,b,3], %h0: f32[b,2]) {\n"
                + "%h1, %y = Scan<body=graph step(%h: f32[b,2], %x: f32[b,3]) {\n" + lines(step) + "\nreturn %hn, all="
                + output + "\n}, carried=1, num_scan_inputs=1>(%h0, %s)\nreturn %h1, %y\n}");
    }

    static final String UPDATES = "%k = R(5,4); %b = R(4); %xh = Concat<axis=1>(%x, %h); %p = MatMul(%xh, %k);"
            + " %all = Add(%p, %b); %e = const i64[2] {2, 2}; %zz, %rr = Split<axis=1>(%all, %e); " + GATES;
    static final String AFTER = "%wn = R(3,2); %un = R(2,2); %bn = R(2); %dn = R(2); %xn = MatMul(%x, %wn);"
            + " %xnb = Add(%xn, %bn); %hu = MatMul(%h, %un); %hub = Add(%hu, %dn); %rh = Mul(%r, %hub);"
            + " %arg = Add(%xnb, %rh); %n = Tanh(%arg); ";
    static final String BEFORE = "%rh = Mul(%h, %r); %kn = R(5,2); %bn = R(2); %xr = Concat<axis=1>(%x, %rh);"
            + " %pn = MatMul(%xr, %kn); %arg = Add(%pn, %bn); %n = Tanh(%arg); ";
    static final String MIX = "%one = const f32[] {1}; %rest = Sub(%one, %z); ";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        AFTER  | %a = Mul(%rest, %n); %c = Mul(%z, %h); %hn = Add(%a, %c)
        BEFORE | %a = Mul(%h, %z); %c = Mul(%n, %rest); %hn = Add(%a, %c)
        AFTER  | %a = Mul(%z, %n); %c = Mul(%h, %rest); %hn = Add(%a, %c)
        BEFORE | %d = Sub(%h, %n); %a = Mul(%z, %d); %hn = Add(%a, %n)
        AFTER  | %d = Sub(%n, %h); %a = Mul(%z, %d); %hn = Add(%a, %h)
        AFTER  | %q = Mul(%n, %z); %d = Sub(%n, %q); %a = Mul(%h, %z); %hn = Add(%d, %a)
        """)
    void stepsOfGatedUnits(String candidate, String mix) {
        String step = UPDATES + (candidate.equals("AFTER") ? AFTER : BEFORE) + MIX + mix;
        Graph result = Rewrites.fires(SET, "loop-gru", one(step, "%hn"));
        assertThat(result.toString())
                .contains(candidate.equals("AFTER") ? "linear_before_reset=1" : "GRU<hidden_size=2>")
                .doesNotContain("Scan");
    }

    @ParameterizedTest
    @CsvSource({"Tanh, RNN<hidden_size=2>", "Relu, 'activations=[\"Relu\"]'"})
    void stepsOfPlainCells(String function, String op) {
        Graph result = Rewrites.fires(
                SET,
                "loop-rnn",
                one(
                        "%w = R(3,2); %u = R(2,2); %a = MatMul(%x, %w); %c = MatMul(%h, %u); %d = Add(%a, %c); %hn = "
                                + function + "(%d)",
                        "%hn"));
        assertThat(result.toString()).contains(op).doesNotContain("Scan");
    }

    private static String narrow(String step) {
        return one(lines(step), "%hn")
                .replace("f32[t,b,3]", "f32[t,b,1]")
                .replace("f32[b,3]", "f32[b,1]")
                .replace("f32[b,2]", "f32[b,1]");
    }

    @Test
    void anRnnTakesTheWeightsOfTheLoop() {
        Rewrites.becomes(SET, "loop-rnn", narrow("""
            %w = const f32[1,1] {2}
            %u = const f32[1,1] {3}
            %a = MatMul(%x, %w)
            %c = MatMul(%h, %u)
            %d = Add(%a, %c)
            %hn = Tanh(%d)\
            """), """
            graph g(%s: f32[t,b,1], %h0: f32[b,1]) {
              %const = const i64[1] {0}
              %const_1 = const f32[1,1,1] {2}
              %const_2 = const f32[1,1,1] {3}
              %const_3 = const f32[1,2] {0, 0}
              %const_4 = const i64[1] {1}
              %Unsqueeze = Unsqueeze(%h0, %const)
              %RNN_1, %RNN_2 = RNN<hidden_size=1>(%s, %const_1, %const_2, %const_3, _, %Unsqueeze)
              %h1 = Squeeze(%RNN_2, %const)
              %y = Squeeze(%RNN_1, %const_4)
              return %h1, %y
            }
            """);
    }

    @Test
    void aGruTakesTheWeightsOfTheLoop() {
        Rewrites.becomes(SET, "loop-gru", narrow("""
            %k = const f32[2,2] {1, 2, 3, 4}
            %e = const i64[2] {1, 1}
            %xh = Concat<axis=1>(%x, %h)
            %all = MatMul(%xh, %k)
            %zz, %rr = Split<axis=1>(%all, %e)
            %z = Sigmoid(%zz)
            %r = Sigmoid(%rr)
            %kn = const f32[2,1] {5, 6}
            %rh = Mul(%r, %h)
            %xr = Concat<axis=1>(%x, %rh)
            %arg = MatMul(%xr, %kn)
            %n = Tanh(%arg)
            %one = const f32[] {1}
            %rest = Sub(%one, %z)
            %a = Mul(%rest, %n)
            %c = Mul(%z, %h)
            %hn = Add(%a, %c)\
            """), """
            graph g(%s: f32[t,b,1], %h0: f32[b,1]) {
              %const = const i64[1] {0}
              %const_1 = const f32[1,3,1] {1, 2, 5}
              %const_2 = const f32[1,3,1] {3, 4, 6}
              %const_3 = const f32[1,6] {0, 0, 0, 0, 0, 0}
              %const_4 = const i64[1] {1}
              %Unsqueeze = Unsqueeze(%h0, %const)
              %GRU_1, %GRU_2 = GRU<hidden_size=1>(%s, %const_1, %const_2, %const_3, _, %Unsqueeze)
              %h1 = Squeeze(%GRU_2, %const)
              %y = Squeeze(%GRU_1, %const_4)
              return %h1, %y
            }
            """);
    }

    @Test
    void anLstmTakesTheWeightsOfTheLoop() {
        Rewrites.becomes(SET, "loop-lstm", """
            graph g(%s: f32[t,b,1], %h0: f32[b,1], %c0: f32[b,1]) {
              %h1, %c1, %y = Scan<body=graph step(%h: f32[b,1], %c: f32[b,1], %x: f32[b,1]) {
                %k = const f32[2,4] {1, 2, 3, 4, 5, 6, 7, 8}
                %z = const i64[4] {1, 1, 1, 1}
                %xh = Concat<axis=1>(%x, %h)
                %all = MatMul(%xh, %k)
                %i, %f, %g, %o = Split<axis=1>(%all, %z)
                %sf = Sigmoid(%f)
                %kept = Mul(%c, %sf)
                %si = Sigmoid(%i)
                %tg = Tanh(%g)
                %new = Mul(%si, %tg)
                %cn = Add(%kept, %new)
                %so = Sigmoid(%o)
                %tc = Tanh(%cn)
                %hn = Mul(%so, %tc)
                return %hn, %cn, all=%hn
              }, carried=2, num_scan_inputs=1>(%h0, %c0, %s)
              return %h1, %c1, %y
            }
            """, """
            graph g(%s: f32[t,b,1], %h0: f32[b,1], %c0: f32[b,1]) {
              %const = const i64[1] {0}
              %const_1 = const f32[1,4,1] {1, 4, 2, 3}
              %const_2 = const f32[1,4,1] {5, 8, 6, 7}
              %const_3 = const f32[1,8] {0, 0, 0, 0, 0, 0, 0, 0}
              %const_4 = const i64[1] {1}
              %Unsqueeze = Unsqueeze(%h0, %const)
              %Unsqueeze_1 = Unsqueeze(%c0, %const)
              %LSTM_1, %LSTM_2, %LSTM_3 = LSTM<hidden_size=1>(%s, %const_1, %const_2, %const_3, _, %Unsqueeze, %Unsqueeze_1)
              %h1 = Squeeze(%LSTM_2, %const)
              %c1 = Squeeze(%LSTM_3, %const)
              %y = Squeeze(%LSTM_1, %const_4)
              return %h1, %c1, %y
            }
            """);
    }

    static String loop(String rounds, String body, String go) {
        return drawn("graph g(%s: f32[t,b,3], %h0: f32[b,2]) {\n%zero = const i64[] {0}\n%sizes = Shape(%s)\n"
                + "%t = Gather(%sizes, %zero)\n%two = const i64[] {2}\n%yes = const bool[] {true}\n"
                + "%h1, %y = Loop<body=graph step(%i: i64[], %go: bool[], %h: f32[b,2], %q: f32[t,b,3]) {\n"
                + lines(body + "; %w = R(3,2); %u = R(2,2); %a = MatMul(%x, %w); %c = MatMul(%h, %u); %d = Add(%a, %c);"
                        + " %hn = Tanh(%d)")
                + "\nreturn " + go + ", %hn, all=%hn\n}, carried=1>(" + rounds + ", %yes, %h0, %s)\nreturn %h1, %y\n}");
    }

    /** Reverses the time axis. */
    private static final String BACK =
            "%last = const i64[1] {-1}; %least = const i64[1] {-9223372036854775808};" + " %time = const i64[1] {0}; ";

    private static final String REVERSED = "Slice(%s, %last, %least, %time, %last)";

    @ParameterizedTest
    @CsvSource({"loop-lstm, true", "loop-lstm, false", "loop-gru, true", "loop-rnn, true"})
    void aSequenceThatIsReversedIsGoneThroughBackwards(String rule, boolean andBack) {
        String text =
                switch (rule) {
                    case "loop-lstm" -> lstm(TORCH, "");
                    case "loop-gru" ->
                        one(UPDATES + BEFORE + MIX + "%a = Mul(%h, %z); %c = Mul(%n, %rest); %hn = Add(%a, %c)", "%hn");
                    default ->
                        one(
                                "%w = R(3,2); %u = R(2,2); %a = MatMul(%x, %w); %c = MatMul(%h, %u); %d = Add(%a, %c); %hn ="
                                        + " Tanh(%d)",
                                "%hn");
                };
        int body = text.indexOf(") {") + 4;
        text = text.substring(0, body) + lines(BACK + "%rs = " + REVERSED) + "\n" + text.substring(body);
        text = text.replace(", %s)\nreturn", ", %rs)\nreturn");
        if (andBack) {
            int last = text.lastIndexOf("return ");
            text = text.substring(0, last) + "%yr = " + REVERSED.replace("%s", "%y") + "\n"
                    + text.substring(last).replace("%y", "%yr");
        }
        Graph result = Rewrites.fires(SET.plus(ReversalRules.SET), rule, text);
        assertThat(result.toString()).contains("direction=\"reverse\"").doesNotContain("Scan");
        assertThat(result.nodes().stream().filter(n -> n.op() instanceof Slice).count())
                .as(result.toString())
                .isEqualTo(andBack ? 0 : 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%one = const i64[] {1}; %m = Sub(%t1, %one); %k = Sub(%m, %i); %x = Gather(%q, %k)",
                "%one = const i64[] {1}; %m = Sub(%t1, %i); %k = Sub(%m, %one); %x = Gather(%q, %k)"
            })
    void aLoopThatReadsASequenceFromItsEnd(String body) {
        String text = loop("%t", body, "%go")
                .replace("%q: f32[t,b,3])", "%q: f32[t,b,3], %t1: i64[])")
                .replace("%h0, %s)", "%h0, %s, %t)");
        if (body.contains("%m = Sub(%t1, %one)")) {
            Graph result = Rewrites.fires(SET, "loop-rnn", text);
            assertThat(result.toString()).contains("direction=\"reverse\"").doesNotContain("Loop");
        } else {
            Rewrites.refuses(SET, "loop-rnn", text, "not only used to read");
        }
    }

    @Test
    void aLoopThatReadsASequenceIsOneToo() {
        Graph result = Rewrites.fires(SET, "loop-rnn", loop("%t", "%x = Gather(%q, %i)", "%go"));
        assertThat(result.toString()).contains(" = RNN<hidden_size=2>(%s, ").doesNotContain("Loop");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        to be the length of the sequence | %two | %x = Gather(%q, %i) | %go
        the end of the sequence          | %t   | %k = Sub(%q0, %i); %x = Gather(%q, %k) | %go
        it ends by a condition           | %t   | %k = Cast<to=9>(%i); %x = Gather(%q, %i) | %k
        not only used to read           | %t   | %k = Add(%i, %i); %x = Gather(%q, %k) | %go
        """)
    void otherLoopsStay(String reason, String rounds, String body, String go) {
        String text = loop(rounds, body, go);
        if (body.contains("%q0")) {
            text = text.replace("%q: f32[t,b,3])", "%q: f32[t,b,3], %q0: i64[])")
                    .replace("%h0, %s)", "%h0, %s, %t)");
        }
        Rewrites.refuses(RecurrentRules.SET, "loop-rnn", text, reason);
    }

    @Test
    void otherStepsStay() {
        Rewrites.refuses(
                RecurrentRules.SET,
                "loop-lstm",
                lstm(TORCH, "").replace("all=%hn", "all=%cn"),
                "other than its hidden state");
        Rewrites.refuses(
                RecurrentRules.SET,
                "loop-lstm",
                lstm(TORCH, "").replace("Tanh(%cn)", "Tanh(%kept)"),
                "no steps of a cell");
        Rewrites.refuses(
                RecurrentRules.SET,
                "loop-lstm",
                lstm(TORCH, ", scan_input_directions=[1]"),
                "stacked in another direction");
        Rewrites.refuses(
                RecurrentRules.SET,
                "loop-lstm",
                lstm(TORCH, "").replace("%h0: f32[b,2]", "%h0: f32[n,2]"),
                "a state begins with shape [n,2]");
        Rewrites.refuses(
                RecurrentRules.SET,
                "loop-gru",
                one(UPDATES + AFTER + MIX + "%a = Mul(%rest, %n); %c = Mul(%r, %h); %hn = Add(%a, %c)", "%hn"),
                "no steps of a cell");
        Rewrites.refuses(
                RecurrentRules.SET,
                "loop-rnn",
                one("%w = R(3,2); %u = R(2,2); %a = MatMul(%x, %w); %hn = Tanh(%a)", "%hn"),
                "no steps of a cell");
    }

    @Test
    void stepsMayHoldNodesWithoutAFirstOutput() {
        String step = UPDATES + BEFORE + MIX + "%a = Mul(%h, %z); %c = Mul(%n, %rest); %hn = Add(%a, %c)";
        String most = "%many = const i64[1] {1}; _, %places = TopK(%x, %many); ";
        Graph result = Rewrites.fires(SET, "loop-gru", one(most + step, "%hn"));
        assertThat(result.toString()).contains("GRU<hidden_size=2>").doesNotContain("Scan");
    }

    @Test
    void sumsThatAreTooDeepStay() {
        StringBuilder sums = new StringBuilder("%s0 = Add(%xnb, %rh); ");
        for (int i = 0; i < 50_000; i++) {
            sums.append("%%s%d = Add(%%s%d, %%bn); ".formatted(i + 1, i));
        }
        String deep = AFTER.replace("%arg = Add(%xnb, %rh); %n = Tanh(%arg); ", sums + "%n = Tanh(%s50000); ");
        String mix = "%a = Mul(%rest, %n); %c = Mul(%z, %h); %hn = Add(%a, %c)";
        Rewrites.refuses(RecurrentRules.SET, "loop-gru", one(UPDATES + deep + MIX + mix, "%hn"), "no steps of a cell");
    }

    @Test
    void weightsOfOtherOperandsAreNotLookedAt() {
        String step = UPDATES + AFTER.replace("%xn = MatMul(%x, %wn)", "%xe = Exp(%x); %xn = MatMul(%xe, %wn)");
        String mix = "%a = Mul(%rest, %n); %c = Mul(%z, %h); %hn = Add(%a, %c)";
        Rewrites.refuses(RecurrentRules.SET, "loop-gru", one(step + MIX + mix, "%hn"), "no steps of a cell");
    }

    @Test
    void weightsMayBeCaptured() {
        Graph graph = Graphs.parse(drawn("""
            graph g(%s: f32[t,b,3]) {
              %w = R(3,2)
              %u = R(2,2)
              %sizes = Shape(%s)
              %one = const i64[] {1}
              %axis = const i64[1] {0}
              %two = const i64[1] {2}
              %b = Gather(%sizes, %one)
              %bu = Unsqueeze(%b, %axis)
              %dims = Concat<axis=0>(%bu, %two)
              %h0 = ConstantOfShape(%dims)
              %h1, %y = Scan<body=graph step(%h: f32[b,2], %x: f32[b,3], %wi: f32[3,2], %ui: f32[2,2]) {
                %a = MatMul(%x, %wi)
                %c = MatMul(%h, %ui)
                %d = Add(%a, %c)
                %hn = Relu(%d)
                return %hn, all=%hn
              }, carried=1, num_scan_inputs=1>(%h0, %s, %w, %u)
              return %h1, %y
            }
            """));
        Graph result = Pipeline.standard().apply(graph);
        assertThat(result.toString()).contains(" = RNN<").doesNotContain("Scan");
        Rewrites.requireEqual(graph, result, Rewrites.random(graph, 1), false);
    }
}
