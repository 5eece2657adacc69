package dev.tenon.differential;

import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Tag;

/**
 * Einstein sums of random equations: diagonals, sums, outer products, ellipsis, with and without an explicit result.
 */
@Tag("tiers")
class EinsumDifferentialTest extends Family {
    private static final String LETTERS = "abijkxyzAKZ";

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("Einsum", EinsumDifferentialTest::named);
        all.put("Einsum" + Generators.COPY + "random", EinsumDifferentialTest::random);
        return all;
    }

    private static final String[] EQUATIONS = {
        "ij->ji",
        "ij,jk->ik",
        "bij,bjk->bik",
        "i,i->",
        "i,j->ij",
        "ii->i",
        "ii->",
        "ij->",
        "...ij->...ji",
        "bij,bkj->bik",
        "...i,...i->...",
        "ij,jk",
        "bhid,bhjd->bhij",
        "ij,ij,ij->i",
        "ijk,kl->ijl",
        "a,ab->b",
        "i,ij,j->",
        "ij->ij",
        ",->",
        "i,->i",
        " b i , i j -> b j "
    };

    private static OperatorModel named(Draw draw) {
        String equation = draw.pick(EQUATIONS);
        List<String> terms =
                List.of(equation.replace(" ", "").split("->", -1)[0].split(",", -1));
        return model(draw, equation, terms, true);
    }

    /** Finite numbers only: the effect of NaN and infinities depends on the order of the sums. */
    private static OperatorModel random(Draw draw) {
        int letters = draw.between(1, 6);
        List<String> terms = new ArrayList<>();
        boolean spread = draw.chance(40);
        int operands = draw.pick(1, 2, 2, 2, 3, 4);
        for (int i = 0; i < operands; i++) {
            StringBuilder term = new StringBuilder();
            for (int n = draw.between(spread ? 0 : 1, 3); n > 0; n--) {
                term.append(LETTERS.charAt(draw.between(0, letters - 1)));
            }
            if (spread && draw.chance(80)) {
                term.insert(draw.between(0, term.length()), "...");
            }
            terms.add(term.toString());
        }
        StringBuilder equation = new StringBuilder(String.join(draw.pick(",", ",", " , "), terms));
        if (draw.chance(75)) {
            equation.append(draw.pick("->", " -> ")).append(result(draw, terms));
        }
        return model(draw, equation.toString(), terms, false);
    }

    /** Some of the letters in any order, each once, and the ellipsis if there is one. */
    private static String result(Draw draw, List<String> terms) {
        String all = String.join("", terms);
        StringBuilder result = new StringBuilder();
        for (int i : draw.some(LETTERS.length())) {
            if (all.indexOf(LETTERS.charAt(i)) >= 0) {
                result.append(LETTERS.charAt(i));
            }
        }
        if (all.contains("...")) {
            result.insert(draw.between(0, result.length()), "...");
        }
        return result.toString();
    }

    private static OperatorModel model(Draw draw, String equation, List<String> terms, boolean odd) {
        DType type = draw.type(Generators.types("Einsum", 0));
        long[] sizes = new long[LETTERS.length()];
        boolean empty = draw.chance(8);
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = empty && draw.chance(30) ? 0 : terms.size() > 2 ? draw.between(1, 4) : draw.between(1, 6);
        }
        long[] more = draw.fullDims(0, 2);
        for (int i = 0; i < more.length; i++) {
            more[i] = Math.min(4, more[i]);
        }
        OperatorModel model = OperatorModel.of("Einsum").attribute("equation", equation);
        for (String term : terms) {
            int at = term.indexOf("...");
            String letters = term.replace("...", "");
            long[] own = at < 0 ? new long[0] : more.clone();
            for (int i = 0; i < own.length && terms.size() > 1; i++) {
                own[i] = draw.chance(30) ? 1 : own[i];
            }
            long[] dims = Arrays.copyOf(own, own.length + letters.length());
            int before = Math.max(0, at);
            System.arraycopy(own, 0, dims, before, own.length);
            for (int i = 0; i < letters.length(); i++) {
                dims[i < before ? i : i + own.length] = size(letters.charAt(i), sizes);
            }
            model.input(odd ? draw.summands(type, dims) : draw.tame(type, dims));
        }
        return model;
    }

    private static long size(char letter, long[] sizes) {
        int at = LETTERS.indexOf(letter);
        return sizes[at < 0 ? letter % sizes.length : at];
    }
}
