package dev.tenon.op.text.regex;

import java.util.List;

/** The general categories of Unicode by their names of two letters, such as Lu. */
public final class GeneralCategories {
    // In the order of Character.getType, which has no type 17.
    private static final List<String> NAMES =
            List.of("Cn,Lu,Ll,Lt,Lm,Lo,Mn,Me,Mc,Nd,Nl,No,Zs,Zl,Zp,Cc,Cf,,Co,Cs,Pd,Ps,Pe,Pc,Po,Sm,Sc,Sk,So,Pi,Pf"
                    .split(",", -1));

    private GeneralCategories() {}

    /**
     * The name of a category.
     *
     * @param type a result of {@link Character#getType(int)}
     * @return the name
     */
    public static String name(int type) {
        return NAMES.get(type);
    }

    /**
     * The categories that a name stands for.
     *
     * @param name one letter for several, or two, of any case
     * @return a bit for each result of {@link Character#getType(int)}; 0 if there is no such category
     */
    public static int types(String name) {
        int types = 0;
        for (int type = 0; type < NAMES.size(); type++) {
            boolean fits = !name.isEmpty() && NAMES.get(type).regionMatches(true, 0, name, 0, name.length());
            types |= fits ? 1 << type : 0;
        }
        return types;
    }
}
