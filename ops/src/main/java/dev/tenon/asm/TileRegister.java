package dev.tenon.asm;

/**
 * A tile register of AMX.
 *
 * @param number 0 to 7
 */
public record TileRegister(int number) implements Operand {
    /**
     * A register.
     *
     * @param number 0 to 7
     */
    public TileRegister {
        if (number < 0 || number > 7) {
            throw new IllegalArgumentException("tile register " + number + " is outside 0 to 7");
        }
    }
}
