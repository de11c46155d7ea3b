/*
 * e500 board with Freescale Elo DMA controllers
 *
 * Copyright (c) 2026 dmaengine-sg developers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The paravirtual e500 platform (a kernel for "fsl,qemu-e500" boots on it) with
 * two DMA controllers in CCSR space, and a client of one on a local bus:
 *
 *  path                      variant           address         MPIC inputs
 *  /machine/dma0             eloplus or elo3   CCSR + 0x21000  36-39; elo3 also
 *                                                              76-79
 *  /machine/dma1             elo               CCSR + 0x22000  71
 *  /machine/fpga-programmer  carma-programmer  0xf0000000      72
 *
 * The programmer's address has 32 bits, which is all that Elo has. With more
 * RAM than ends there, the board has no programmer.
 *
 * and a timebase of 1 GHz.
 *
 * A third serial port, if -serial is given three times, has MPIC input 73.
 *
 * Usage:
 *
 *  qemu-system-ppc -M e500-elo -nic none -kernel vmlinux ...
 *      with eloplus, whose channel 0 is the programmer's, or
 *  qemu-system-ppc -M e500-elo,controller=elo3 ...
 *  qemu-system-ppc -M e500-elo,programmer=dma1 ...
 *      with channel 0 of the elo controller for the programmer
 *
 * The devices' own properties are set with -global, for both controllers at
 * once: -global fsl-elo-dma.link-time-ns=1000. Faults on demand can also be set
 * on a running machine: {"execute": "qom-set", "arguments":
 * {"path": "/machine/dma0", "property": "fault-link", "value": 3}}. See
 * hw/dma/fsl_elo_dma.c and hw/misc/carma_programmer.c for what there is.
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "cpu.h"
#include "e500.h"
#include "e500-ccsr.h"
#include "hw/char/serial.h"
#include "hw/dma/fsl_elo_dma.h"
#include "hw/misc/carma_programmer.h"
#include "hw/pci/pci.h"
#include "hw/ppc/openpic.h"
#include "hw/ppc/ppc.h"
#include "hw/qdev-properties.h"
#include "sysemu/device_tree.h"
#include "sysemu/sysemu.h"

#define TYPE_E500_ELO_MACHINE MACHINE_TYPE_NAME("e500-elo")
OBJECT_DECLARE_SIMPLE_TYPE(E500EloMachineState, E500_ELO_MACHINE)

struct E500EloMachineState {
    PPCE500MachineState parent_obj;

    FslEloDMAVariant controller;
    int programmer;         /* number of the controller that serves it */
};

#define CCSR_BASE       0xFE0000000ULL
#define DMA0_OFFSET     0x21000
#define DMA1_OFFSET     0x22000
#define DMA1_IRQ        71
#define PROGRAMMER_BASE 0xF0000000ULL
#define PROGRAMMER_IRQ  72
#define SERIAL2_OFFSET  0x4700
#define SERIAL2_IRQ     73
#define SERIAL2_BAUD    399193
#define SERIAL2_CLOCK   400000000

/*
 * More than a real board has: one tick a nanosecond, so that the guest's clock
 * counts single instructions with -icount shift=0.
 */
#define TIMEBASE_HZ     NANOSECONDS_PER_SECOND

/* sense of a device-tree interrupt: active high level */
#define IRQ_LEVEL_HIGH  2

static const char *const dma_names[] = { "dma0", "dma1" };

static const QEnumLookup dma_lookup = {
    .array = dma_names,
    .size = ARRAY_SIZE(dma_names),
};

static int e500_elo_dma0_irq(unsigned channel)
{
    return channel < 4 ? 36 + channel : 76 + channel - 4;
}

static DeviceState *e500_elo_add_dma(MachineState *machine, const char *name,
                                     FslEloDMAVariant variant, hwaddr offset)
{
    DeviceState *dev = qdev_new(TYPE_FSL_ELO_DMA);
    SysBusDevice *s = SYS_BUS_DEVICE(dev);
    Object *ccsr = object_resolve_path_component(OBJECT(machine), "e500-ccsr");
    Object *pic = object_resolve_path_type("", TYPE_OPENPIC, NULL);
    unsigned i;

    object_property_add_child(OBJECT(machine), name, OBJECT(dev));
    object_property_set_str(OBJECT(dev), "variant",
                            FslEloDMAVariant_lookup.array[variant],
                            &error_abort);
    sysbus_realize_and_unref(s, &error_fatal);
    memory_region_add_subregion(&CCSR(ccsr)->ccsr_space, offset,
                                sysbus_mmio_get_region(s, 0));
    if (variant == FSL_ELO_DMA_ELO) {
        sysbus_connect_irq(s, 0, qdev_get_gpio_in(DEVICE(pic), DMA1_IRQ));
        return dev;
    }
    for (i = 0; i < fsl_elo_dma_channels(variant); i++) {
        sysbus_connect_irq(s, i, qdev_get_gpio_in(DEVICE(pic),
                                                  e500_elo_dma0_irq(i)));
    }
    return dev;
}

/* With the lines of the controller's first channel */
static void e500_elo_add_programmer(MachineState *machine, DeviceState *dma)
{
    DeviceState *dev = qdev_new(TYPE_CARMA_PROGRAMMER);
    SysBusDevice *s = SYS_BUS_DEVICE(dev);
    Object *pic = object_resolve_path_type("", TYPE_OPENPIC, NULL);

    object_property_add_child(OBJECT(machine), "fpga-programmer", OBJECT(dev));
    sysbus_realize_and_unref(s, &error_fatal);
    sysbus_mmio_map(s, 0, PROGRAMMER_BASE);
    sysbus_connect_irq(s, 0, qdev_get_gpio_in(DEVICE(pic), PROGRAMMER_IRQ));
    qdev_connect_gpio_out_named(dev, "dreq", 0,
                                qdev_get_gpio_in_named(dma, "dreq", 0));
    qdev_connect_gpio_out_named(dma, "dack", 0,
                                qdev_get_gpio_in_named(dev, "dack", 0));
    qdev_connect_gpio_out_named(dma, "ddone", 0,
                                qdev_get_gpio_in_named(dev, "ddone", 0));
}

static bool e500_elo_has_programmer(MachineState *machine)
{
    return machine->ram_size <= PROGRAMMER_BASE;
}

static void e500_elo_set_timebase(void)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        ppc_tb_t *tb = POWERPC_CPU(cs)->env.tb_env;

        tb->tb_freq = TIMEBASE_HZ;
        tb->decr_freq = TIMEBASE_HZ;
    }
}

/*
 * ppce500's two share an interrupt without a gate, so that one of them clears
 * what the other has raised. This one is alone on its own.
 */
static void e500_elo_add_serial(MachineState *machine)
{
    Object *ccsr = object_resolve_path_component(OBJECT(machine), "e500-ccsr");
    Object *pic = object_resolve_path_type("", TYPE_OPENPIC, NULL);

    serial_mm_init(&CCSR(ccsr)->ccsr_space, SERIAL2_OFFSET, 0,
                   qdev_get_gpio_in(DEVICE(pic), SERIAL2_IRQ), SERIAL2_BAUD,
                   serial_hd(2), DEVICE_BIG_ENDIAN);
}

static void e500_elo_init(MachineState *machine)
{
    E500EloMachineState *ems = E500_ELO_MACHINE(machine);
    DeviceState *dma[ARRAY_SIZE(dma_names)];

    ppce500_init(machine);
    e500_elo_set_timebase();
    dma[0] = e500_elo_add_dma(machine, dma_names[0], ems->controller,
                              DMA0_OFFSET);
    dma[1] = e500_elo_add_dma(machine, dma_names[1], FSL_ELO_DMA_ELO,
                              DMA1_OFFSET);
    if (e500_elo_has_programmer(machine)) {
        e500_elo_add_programmer(machine, dma[ems->programmer]);
    }
    if (serial_hd(2)) {
        e500_elo_add_serial(machine);
    }
}

/* Device tree, as in Linux's bindings fsl,elo-dma, eloplus-dma and elo3-dma */

/* The binding of Elo wants a part's name before the general one */
static void e500_elo_dt_compatible(void *fdt, const char *node,
                                   FslEloDMAVariant variant, const char *what)
{
    const char *name = FslEloDMAVariant_lookup.array[variant];
    g_autofree char *general = g_strdup_printf("fsl,%s-%s", name, what);
    g_autofree char *part = g_strdup_printf("fsl,mpc8349-%s", what);
    char *both[] = { part, general };
    bool elo = variant == FSL_ELO_DMA_ELO;

    qemu_fdt_setprop_string_array(fdt, node, "compatible",
                                  elo ? both : both + 1, elo ? 2 : 1);
}

static void e500_elo_dt_channel(void *fdt, const char *parent,
                                FslEloDMAVariant variant, unsigned n)
{
    bool elo = variant == FSL_ELO_DMA_ELO;
    hwaddr base = fsl_elo_dma_channel_base(n) - fsl_elo_dma_channel_base(0);
    g_autofree char *node = g_strdup_printf("%s/dma-channel@%" HWADDR_PRIx,
                                            parent, base);
    /* DGSR follows the registers of Elo's last channel */
    uint32_t size = elo && n == 3 ? 0x28 : 0x80;

    qemu_fdt_add_subnode(fdt, node);
    /* Elo3's channels are those of EloPlus */
    e500_elo_dt_compatible(fdt, node, elo ? variant : FSL_ELO_DMA_ELOPLUS,
                           "dma-channel");
    qemu_fdt_setprop_cells(fdt, node, "reg", base, size);
    if (variant != FSL_ELO_DMA_ELO3) {
        qemu_fdt_setprop_cell(fdt, node, "cell-index", n);
    }
    if (!elo) {
        qemu_fdt_setprop_cells(fdt, node, "interrupts",
                               e500_elo_dma0_irq(n), IRQ_LEVEL_HIGH);
    }
}

/* Returns the controller's phandle */
static uint32_t e500_elo_dt_dma(void *fdt, const char *soc, const char *pic,
                                FslEloDMAVariant variant, uint32_t offset)
{
    uint32_t first = offset + fsl_elo_dma_channel_base(0);
    uint32_t dgsr = offset + fsl_elo_dma_dgsr_base(variant, 0);
    g_autofree char *node = g_strdup_printf("%s/dma@%x", soc, dgsr);
    uint32_t phandle = qemu_fdt_alloc_phandle(fdt);
    unsigned n;

    qemu_fdt_add_subnode(fdt, node);
    e500_elo_dt_compatible(fdt, node, variant, "dma");
    qemu_fdt_setprop_cell(fdt, node, "#address-cells", 1);
    qemu_fdt_setprop_cell(fdt, node, "#size-cells", 1);
    /* A client names a channel by its number */
    qemu_fdt_setprop_cell(fdt, node, "#dma-cells", 1);
    qemu_fdt_setprop_cell(fdt, node, "phandle", phandle);
    qemu_fdt_setprop_phandle(fdt, node, "interrupt-parent", pic);
    if (variant == FSL_ELO_DMA_ELO3) {
        qemu_fdt_setprop_cells(fdt, node, "reg", dgsr, 4,
                               offset + fsl_elo_dma_dgsr_base(variant, 1), 4);
        qemu_fdt_setprop_cells(fdt, node, "ranges", 0, first, 0x500);
    } else {
        qemu_fdt_setprop_cells(fdt, node, "reg", dgsr, 4);
        qemu_fdt_setprop_cells(fdt, node, "ranges", 0, first, dgsr - first);
        qemu_fdt_setprop_cell(fdt, node, "cell-index", offset != DMA0_OFFSET);
    }
    if (variant == FSL_ELO_DMA_ELO) {
        qemu_fdt_setprop_cells(fdt, node, "interrupts",
                               DMA1_IRQ, IRQ_LEVEL_HIGH);
    }
    /* A new node becomes the first of its parent: the last one goes first */
    for (n = fsl_elo_dma_channels(variant); n > 0; n--) {
        e500_elo_dt_channel(fdt, node, variant, n - 1);
    }
    return phandle;
}

static void e500_elo_dt_programmer(void *fdt, const char *pic, uint32_t dma)
{
    g_autofree char *bus = g_strdup_printf("/localbus@%llx", PROGRAMMER_BASE);
    g_autofree char *node = g_strdup_printf("%s/fpga-programmer@0", bus);

    qemu_fdt_add_subnode(fdt, bus);
    qemu_fdt_setprop_string(fdt, bus, "compatible", "simple-bus");
    qemu_fdt_setprop_cell(fdt, bus, "#address-cells", 1);
    qemu_fdt_setprop_cell(fdt, bus, "#size-cells", 1);
    qemu_fdt_setprop_sized_cells(fdt, bus, "ranges", 1, 0, 2, PROGRAMMER_BASE,
                                 1, CARMA_PROGRAMMER_SIZE);
    qemu_fdt_add_subnode(fdt, node);
    qemu_fdt_setprop_string(fdt, node, "compatible", "carma,fpga-programmer");
    qemu_fdt_setprop_cells(fdt, node, "reg", 0, CARMA_PROGRAMMER_SIZE);
    qemu_fdt_setprop_phandle(fdt, node, "interrupt-parent", pic);
    qemu_fdt_setprop_cells(fdt, node, "interrupts",
                           PROGRAMMER_IRQ, IRQ_LEVEL_HIGH);
    qemu_fdt_setprop_cells(fdt, node, "dmas", dma, 0);
    qemu_fdt_setprop_string(fdt, node, "dma-names", "fifo");
}

static void e500_elo_dt_timebase(void *fdt)
{
    CPUState *cs;

    CPU_FOREACH(cs) {
        g_autofree char *node = g_strdup_printf("/cpus/PowerPC,8544@%x",
                                                cs->cpu_index);

        qemu_fdt_setprop_cell(fdt, node, "timebase-frequency", TIMEBASE_HZ);
    }
}

static void e500_elo_dt_serial(void *fdt, const char *soc, const char *pic)
{
    g_autofree char *node = g_strdup_printf("%s/serial@%x", soc,
                                            SERIAL2_OFFSET);

    qemu_fdt_add_subnode(fdt, node);
    /* Without device_type: Linux would make the first such node its console */
    qemu_fdt_setprop_string(fdt, node, "compatible", "ns16550");
    qemu_fdt_setprop_cells(fdt, node, "reg", SERIAL2_OFFSET, 0x100);
    qemu_fdt_setprop_cell(fdt, node, "clock-frequency", SERIAL2_CLOCK);
    qemu_fdt_setprop_cells(fdt, node, "interrupts", SERIAL2_IRQ,
                           IRQ_LEVEL_HIGH);
    qemu_fdt_setprop_phandle(fdt, node, "interrupt-parent", pic);
    qemu_fdt_setprop_string(fdt, "/aliases", "serial2", node);
}

static void e500_elo_fixup_devtree(void *fdt)
{
    MachineState *machine = MACHINE(qdev_get_machine());
    E500EloMachineState *ems = E500_ELO_MACHINE(machine);
    uint32_t dma[ARRAY_SIZE(dma_names)];
    g_autofree char *soc = g_strdup_printf("/soc@%llx", CCSR_BASE);
    g_autofree char *pic = g_strdup_printf("%s/pic@40000", soc);

    qemu_fdt_setprop_string(fdt, "/", "model", "QEMU e500 with Elo DMA");
    qemu_fdt_setprop_string(fdt, "/", "compatible", "fsl,qemu-e500");
    e500_elo_dt_timebase(fdt);
    if (serial_hd(2)) {
        e500_elo_dt_serial(fdt, soc, pic);
    }
    dma[1] = e500_elo_dt_dma(fdt, soc, pic, FSL_ELO_DMA_ELO, DMA1_OFFSET);
    dma[0] = e500_elo_dt_dma(fdt, soc, pic, ems->controller, DMA0_OFFSET);
    if (e500_elo_has_programmer(machine)) {
        e500_elo_dt_programmer(fdt, pic, dma[ems->programmer]);
    }
}

static int e500_elo_get_controller(Object *obj, Error **errp)
{
    return E500_ELO_MACHINE(obj)->controller;
}

static void e500_elo_set_controller(Object *obj, int val, Error **errp)
{
    if (val == FSL_ELO_DMA_ELO) {
        error_setg(errp, "controller must be eloplus or elo3; "
                   "an elo one is always there");
        return;
    }
    E500_ELO_MACHINE(obj)->controller = val;
}

static int e500_elo_get_programmer(Object *obj, Error **errp)
{
    return E500_ELO_MACHINE(obj)->programmer;
}

static void e500_elo_set_programmer(Object *obj, int val, Error **errp)
{
    E500_ELO_MACHINE(obj)->programmer = val;
}

static void e500_elo_instance_init(Object *obj)
{
    E500_ELO_MACHINE(obj)->controller = FSL_ELO_DMA_ELOPLUS;
}

static void e500_elo_class_init(ObjectClass *oc, void *data)
{
    PPCE500MachineClass *pmc = PPCE500_MACHINE_CLASS(oc);
    MachineClass *mc = MACHINE_CLASS(oc);

    mc->desc = "paravirt e500 platform with Elo DMA controllers";
    mc->init = e500_elo_init;
    mc->max_cpus = 32;
    mc->default_cpu_type = POWERPC_CPU_TYPE_NAME("e500v2_v30");
    mc->default_ram_id = "e500-elo.ram";

    /* The memory map that Linux's platform "fsl,qemu-e500" is used with */
    pmc->fixup_devtree = e500_elo_fixup_devtree;
    pmc->mpic_version = OPENPIC_MODEL_FSL_MPIC_42;
    pmc->has_mpc8xxx_gpio = true;
    pmc->ccsrbar_base = CCSR_BASE;
    pmc->spin_base = 0xFEF000000ULL;
    pmc->pci_first_slot = 1;
    pmc->pci_nr_slots = PCI_SLOT_MAX - 1;
    pmc->pci_pio_base = 0xFE1000000ULL;
    pmc->pci_mmio_base = 0xC00000000ULL;
    pmc->pci_mmio_bus_base = 0xE0000000ULL;
    pmc->platform_bus_base = 0xF00000000ULL;
    pmc->platform_bus_size = 128 * MiB;
    pmc->platform_bus_first_irq = 5;
    pmc->platform_bus_num_irqs = 10;

    object_class_property_add_enum(oc, "controller", "FslEloDMAVariant",
                                   &FslEloDMAVariant_lookup,
                                   e500_elo_get_controller,
                                   e500_elo_set_controller);
    object_class_property_set_description(oc, "controller",
                                          "big-endian controller: "
                                          "eloplus (default) or elo3");
    object_class_property_add_enum(oc, "programmer", "E500EloDMA", &dma_lookup,
                                   e500_elo_get_programmer,
                                   e500_elo_set_programmer);
    object_class_property_set_description(oc, "programmer",
                                          "controller that serves the FPGA "
                                          "programmer: dma0 (default) or dma1");
}

static const TypeInfo e500_elo_info = {
    .name = TYPE_E500_ELO_MACHINE,
    .parent = TYPE_PPCE500_MACHINE,
    .instance_size = sizeof(E500EloMachineState),
    .instance_init = e500_elo_instance_init,
    .class_init = e500_elo_class_init,
};

static void e500_elo_register_types(void)
{
    type_register_static(&e500_elo_info);
}

type_init(e500_elo_register_types)
