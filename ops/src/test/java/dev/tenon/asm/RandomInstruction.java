package dev.tenon.asm;

import static dev.tenon.asm.VectorInstruction.VCMPPS_MASK;
import static dev.tenon.asm.VectorInstruction.VPDPBUSD_VEX;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Writes random instructions on vectors, masks and tiles, and says how a disassembler shows them. It knows the operands of
 * each instruction by itself; only whether there is an encoding by VEX or EVEX is asked of the assembler's table.
 */
final class RandomInstruction {
    /** The words for the bytes of memory. */
    static final Map<Integer, String> SIZES =
            Map.of(1, "BYTE", 2, "WORD", 4, "DWORD", 8, "QWORD", 16, "XMMWORD", 32, "YMMWORD", 64, "ZMMWORD");

    private static final int[] DISPLACEMENTS = {
        0,
        0,
        1,
        4,
        8,
        32,
        64,
        -64,
        127,
        128,
        -128,
        -129,
        508,
        512,
        4064,
        8128,
        8192,
        -8192,
        -8256,
        0x12345678,
        -0x7FFFFFF0
    };

    private static final String[] PREDICATES = {
        "eq",
        "lt",
        "le",
        "unord",
        "neq",
        "nlt",
        "nle",
        "ord",
        "eq_uq",
        "nge",
        "ngt",
        "false",
        "neq_oq",
        "ge",
        "gt",
        "true",
        "eq_os",
        "lt_oq",
        "le_oq",
        "unord_s",
        "neq_us",
        "nlt_uq",
        "nle_uq",
        "ord_s",
        "eq_us",
        "nge_uq",
        "ngt_uq",
        "false_os",
        "neq_os",
        "ge_oq",
        "gt_oq",
        "true_us"
    };

    private static final Map<String, String> EVEX_NAMES =
            Map.of("vextractf128", "vextractf32x4", "vextracti128", "vextracti32x4", "vinsertf128", "vinsertf32x4");

    private static final Pattern VARIANT = Pattern.compile("_(store|vex|gpr|mask)$");
    private static final Pattern HALVES = Pattern.compile("VPMOV[SZ]X(BW|WD)|VCVTPH2PS|VCVTPS2PH|VCVTNEPS2BF16");
    private static final Pattern QUARTERS = Pattern.compile("VPMOV[SZ]XBD|VPMOVU?S?DB_STORE");
    private static final Pattern BROADCASTS = Pattern.compile("VP?BROADCAST(SS|D|B)");
    private static final Pattern AT_LEAST_256 = Pattern.compile("VPERM.*|VINSERTF128|VEXTRACT[FI]128|VSHUFF32X4");
    private static final Pattern NUMBERED = Pattern.compile(
            "VEXTRACT.*|VINSERT.*|VPINSRD|VROUNDPS|VRNDSCALEPS|VBLENDVPS|VCMPP.*|VSHUF.*|VCVTPS2PH|VPERM2F128|VPS[LR].*");
    private static final Pattern PAIRS = Pattern.compile(
            "VMOV(?!H).*|VBROADCAST.*|VPBROADCAST.*|VEXTRACT.*|VSQRTPS|VROUNDPS|VRNDSCALEPS|VCVT.*|VPMOV.*|VPS[LR].*"
                    + "|VPABSB");
    private static final Pattern ELEMENTS_OF_4 = Pattern.compile(
            "V(ADD|MUL|SUB|MIN|DIV|MAX|SQRT|AND|OR|XOR|SCALEF|SHUF|RNDSCALE|UNPCK[LH]|PERM)PS|VF.*|VCMPPS_MASK"
                    + "|VCVTDQ2PS|VCVTPS2DQ|VPACK[SU]SDW|VP(ADD|SUB|MULL|SRL|SRA|SLL|ERM)D|VPM(AX|IN)[SU]D|VP(XOR|AND|OR)D"
                    + "|VPDPBUSD|VPDPWSSD|VDPBF16PS|VSHUFF32X4");
    private static final Set<String> MEMORY_ONLY =
            Set.of("VMASKMOVPS", "VMASKMOVPS_STORE", "VMOVSS", "VMOVSS_STORE", "VMOVSD", "VMOVSD_STORE", "VMOVHPS");

    /** Instructions on one number of the lowest lane. */
    private static final Pattern SCALARS =
            Pattern.compile("VMOV(D|SS|SD)(_STORE)?|VMOVQ_STORE|VMOVHPS|VADDS[SD]|VPINSRD");

    private final Random random;
    private final X64Assembler a;
    private VectorInstruction instruction;
    private String name;
    private int bits;
    private boolean evex;

    RandomInstruction(Random random, X64Assembler a) {
        this.random = random;
        this.a = a;
    }

    /** Writes an instruction with random operands, and returns the line of a disassembler. */
    String write(VectorInstruction next) {
        instruction = next;
        name = next.name();
        if (name.startsWith("T") || name.startsWith("LDT")) {
            return tile();
        }
        if (name.startsWith("KMOV")) {
            MaskRegister k = new MaskRegister(1 + random.nextInt(7));
            Gpr from = anyGpr();
            a.emit(next, k, from);
            return name.toLowerCase(Locale.ROOT) + " k" + k.number() + ","
                    + (name.equals("KMOVQ") ? text64(from) : text32(from));
        }
        bits = width();
        evex = next.vex() == null || bits == 512 || next.evex() != null && random.nextInt(3) == 0;
        return vector();
    }

    private int width() {
        if (SCALARS.matcher(name).matches()) {
            return 128;
        }
        if (name.endsWith("64X4")) {
            return 512;
        }
        int least = AT_LEAST_256.matcher(name).matches() ? 1 : 0;
        int widths = instruction.evex() == null ? 2 : 3;
        return 128 << least + random.nextInt(widths - least);
    }

    private boolean hasNumber() {
        return NUMBERED.matcher(name).matches();
    }

    private String vector() {
        boolean store = name.endsWith("_STORE") || name.startsWith("VEXTRACT") || name.equals("VCVTPS2PH");
        boolean mayMask = evex && !name.startsWith("VMOVD_") && !name.equals("VMOVD") && instruction != VCMPPS_MASK;
        int number = random.nextInt(256);
        if (name.startsWith("VCMPP")) {
            number &= 31;
        }
        List<Operand> operands = new ArrayList<>();
        if (store) {
            operands.add(masked(other(true), mayMask, false));
            if (name.startsWith("VMASKMOV")) {
                operands.add(register(bits));
            }
            operands.add(register(bits));
        } else {
            int narrow = name.equals("VCVTNEPS2BF16") ? Math.max(128, bits / 2) : bits;
            Operand to = instruction == VCMPPS_MASK ? new MaskRegister(1 + random.nextInt(7)) : register(narrow);
            operands.add(masked(to, mayMask, true));
            if (!PAIRS.matcher(name).matches()) {
                operands.add(register(bits));
            }
            operands.add(other(false));
        }
        emit(operands, number);
        return line(operands, number);
    }

    private void emit(List<Operand> operands, int number) {
        Operand to = operands.get(0);
        Operand first = operands.get(1);
        if (operands.size() == 2 && hasNumber()) {
            a.emit(instruction, to, first, number);
        } else if (operands.size() == 2) {
            a.emit(instruction, to, first);
        } else if (hasNumber()) {
            a.emit(instruction, to, first, operands.get(2), number);
        } else {
            a.emit(instruction, to, first, operands.get(2));
        }
    }

    private String line(List<Operand> operands, int number) {
        boolean needsEvex = instruction.vex() == null
                || bits == 512
                || operands.stream().anyMatch(o -> o.number() > 15 || o.mask() > 0 || isBroadcast(o))
                || name.startsWith("VPS") && operands.getLast() instanceof Address;
        String mnemonic = VARIANT.matcher(name.toLowerCase(Locale.ROOT)).replaceFirst("");
        mnemonic = needsEvex ? EVEX_NAMES.getOrDefault(mnemonic, mnemonic) : mnemonic;
        String last = hasNumber() ? ",0x" + Integer.toHexString(number) : "";
        if (name.startsWith("VCMPP")) {
            mnemonic = "vcmp" + PREDICATES[number] + (name.equals("VCMPPD") ? "pd" : "ps");
            last = "";
        } else if (name.equals("VBLENDVPS")) {
            last = "," + (bits == 256 ? "ymm" : "xmm") + (number >> 4);
        }
        StringBuilder text = new StringBuilder(instruction == VPDPBUSD_VEX ? "{vex} " : "");
        text.append(mnemonic).append(' ');
        for (int i = 0; i < operands.size(); i++) {
            text.append(i == 0 ? "" : ",").append(text(operands.get(i)));
        }
        return text.append(last).toString();
    }

    private static boolean isBroadcast(Operand o) {
        return o instanceof Address a && a.broadcast();
    }

    /** The operand that may lie in memory. */
    private Operand other(boolean store) {
        boolean memory = random.nextBoolean() || MEMORY_ONLY.contains(name);
        boolean fromGpr = name.startsWith("VMOVD") && !name.startsWith("VMOVDQ") || name.equals("VPINSRD");
        if (name.equals("VPBROADCASTD_GPR") || !memory && fromGpr) {
            return anyGpr();
        }
        boolean shift = name.startsWith("VPS") && hasNumber();
        if (name.equals("VCVTNEPS2BF16") || !memory || shift && instruction.evex() == null) {
            return register(otherBits());
        }
        Address address = address();
        boolean broadcast = evex && !store && ELEMENTS_OF_4.matcher(name).matches() && random.nextInt(3) == 0;
        return broadcast ? address.broadcasting() : address;
    }

    /** The width of that operand in a register. */
    private int otherBits() {
        if (name.equals("VCVTNEPS2BF16")) {
            return bits;
        }
        if (HALVES.matcher(name).matches()) {
            return Math.max(128, bits / 2);
        }
        if (name.endsWith("64X4")) {
            return 256;
        }
        boolean narrow = QUARTERS.matcher(name).matches()
                || BROADCASTS.matcher(name).matches()
                || name.startsWith("VEXTRACT")
                || name.startsWith("VINSERT");
        return narrow ? 128 : bits;
    }

    private int memoryBytes() {
        if (SCALARS.matcher(name).matches()) {
            return name.startsWith("VMOVQ") || name.contains("SD") || name.equals("VMOVHPS") ? 8 : 4;
        }
        if (BROADCASTS.matcher(name).matches()) {
            return name.endsWith("B") ? 1 : 4;
        }
        if (HALVES.matcher(name).matches()) {
            return bits / 16;
        }
        return QUARTERS.matcher(name).matches() ? bits / 32 : otherBits() / 8;
    }

    private VectorRegister register(int width) {
        return new VectorRegister(random.nextInt(evex ? 32 : 16), width, 0, false);
    }

    private Operand masked(Operand to, boolean mayMask, boolean mayZero) {
        if (!mayMask || random.nextBoolean()) {
            return to;
        }
        MaskRegister k = new MaskRegister(1 + random.nextInt(7));
        return switch (to) {
            case Address address -> address.masked(k);
            case VectorRegister v -> mayZero && random.nextBoolean() ? v.zeroed(k) : v.masked(k);
            default -> to;
        };
    }

    Gpr anyGpr() {
        return Gpr.values()[random.nextInt(16)];
    }

    Address address() {
        Gpr index = Gpr.values()[random.nextInt(16)];
        boolean indexed = index != Gpr.RSP && random.nextBoolean();
        int displacement = DISPLACEMENTS[random.nextInt(DISPLACEMENTS.length)];
        return indexed
                ? Address.at(anyGpr(), index, 1 << random.nextInt(4), displacement)
                : Address.at(anyGpr(), displacement);
    }

    private String tile() {
        TileRegister to = new TileRegister(random.nextInt(8));
        String mnemonic = name.toLowerCase(Locale.ROOT);
        Gpr rows = random.nextBoolean() ? Gpr.RCX : Gpr.R13;
        Address address = Address.at(anyGpr(), rows, 1 << random.nextInt(4), DISPLACEMENTS[random.nextInt(15)]);
        return switch (instruction) {
            case LDTILECFG -> {
                Address shapes = address();
                a.ldtilecfg(shapes);
                yield mnemonic + " " + text(shapes);
            }
            case TILEZERO -> {
                a.tilezero(to);
                yield mnemonic + " tmm" + to.number();
            }
            case TILELOADD, TILELOADDT1 -> {
                a.emit(instruction, to, address);
                yield mnemonic + " tmm" + to.number() + "," + text(address);
            }
            case TILESTORED -> {
                a.emit(instruction, address, to);
                yield mnemonic + " " + text(address) + ",tmm" + to.number();
            }
            default -> {
                // The processor refuses equal ones.
                TileRegister left = new TileRegister((to.number() + 1 + random.nextInt(3)) % 8);
                TileRegister right = new TileRegister((to.number() + 4 + random.nextInt(4)) % 8);
                a.emit(instruction, to, left, right);
                yield mnemonic + " tmm" + to.number() + ",tmm" + left.number() + ",tmm" + right.number();
            }
        };
    }

    private String text(Operand operand) {
        return switch (operand) {
            case VectorRegister v -> {
                String letter = v.bits() == 512 ? "z" : v.bits() == 256 ? "y" : "x";
                yield letter + "mm" + v.number() + maskText(v);
            }
            case MaskRegister k -> "k" + k.number();
            case TileRegister t -> "tmm" + t.number();
            case Gpr g -> text32(g);
            case Address address -> {
                boolean tile = name.startsWith("T") || name.startsWith("LDT");
                String size = tile ? "" : address.broadcast() ? "DWORD BCST " : SIZES.get(memoryBytes()) + " PTR ";
                yield size + addressText(address) + maskText(address);
            }
        };
    }

    private static String maskText(Operand o) {
        return o.mask() == 0 ? "" : "{k" + o.mask() + "}" + (o.zeroing() ? "{z}" : "");
    }

    static String addressText(Address address) {
        StringBuilder text = new StringBuilder("[").append(text64(address.base()));
        if (address.index() != null) {
            text.append('+').append(text64(address.index())).append('*').append(address.scale());
        }
        int d = address.displacement();
        boolean needed = address.base() == Gpr.RBP || address.base() == Gpr.R13;
        if (d != 0 || needed) {
            text.append(d < 0 ? "-0x" : "+0x").append(Long.toHexString(Math.abs((long) d)));
        }
        return text.append(']').toString();
    }

    static String text64(Gpr register) {
        return register.name().toLowerCase(Locale.ROOT);
    }

    static String text32(Gpr register) {
        String text = text64(register);
        return register.ordinal() > 7 ? text + "d" : "e" + text.substring(1);
    }
}
