from django.urls import path

from milestones.views import (
    building,
    check_in,
    dates,
    goal,
    hand_over,
    importing,
    initiative,
    listing,
    measure,
    milestone,
    plan,
    role,
    step,
    step_buildings,
    words,
    worklist,
)

urlpatterns = [
    # what and who: milestones/views/{plan,goal,initiative,step,measure,role}.py
    path("d/<slug:district>/plan/", plan.plan, name="plan"),
    path("d/<slug:district>/plans/", plan.plans, name="plans"),
    path("d/<slug:district>/plans/new/", plan.plan_new, name="plan_new"),
    path("d/<slug:district>/plans/<int:plan>/", plan.plan_detail, name="plan_detail"),
    path("d/<slug:district>/plans/<int:plan>/edit/", plan.plan_edit, name="plan_edit"),
    path("d/<slug:district>/plans/<int:plan>/history/", plan.plan_history, name="plan_history"),
    path("d/<slug:district>/plans/<int:plan>/gaps/", plan.plan_gaps, name="plan_gaps"),
    path("d/<slug:district>/plans/<int:plan>/adopt/", plan.plan_adopt, name="plan_adopt"),
    path("d/<slug:district>/plans/<int:plan>/archive/", plan.plan_archive, name="plan_archive"),
    path("d/<slug:district>/plans/<int:plan>/bring-back/", plan.plan_bring_back, name="plan_bring_back"),
    path("d/<slug:district>/plans/<int:plan>/goals/new/", goal.goal_new, name="goal_new"),
    path("d/<slug:district>/goals/<int:goal>/", goal.goal, name="goal"),
    path("d/<slug:district>/goals/<int:goal>/edit/", goal.goal_edit, name="goal_edit"),
    path("d/<slug:district>/goals/<int:goal>/history/", goal.goal_history, name="goal_history"),
    path("d/<slug:district>/goals/<int:goal>/move/", goal.goal_move, name="goal_move"),
    path("d/<slug:district>/goals/<int:goal>/archive/", goal.goal_archive, name="goal_archive"),
    path("d/<slug:district>/goals/<int:goal>/bring-back/", goal.goal_bring_back, name="goal_bring_back"),
    path(
        "d/<slug:district>/goals/<int:goal>/initiatives/new/",
        initiative.initiative_new,
        name="initiative_new",
    ),
    path("d/<slug:district>/initiatives/<int:initiative>/", initiative.initiative, name="initiative"),
    path(
        "d/<slug:district>/initiatives/<int:initiative>/edit/",
        initiative.initiative_edit,
        name="initiative_edit",
    ),
    path(
        "d/<slug:district>/initiatives/<int:initiative>/history/",
        initiative.initiative_history,
        name="initiative_history",
    ),
    path(
        "d/<slug:district>/initiatives/<int:initiative>/move/",
        initiative.initiative_move,
        name="initiative_move",
    ),
    path(
        "d/<slug:district>/initiatives/<int:initiative>/archive/",
        initiative.initiative_archive,
        name="initiative_archive",
    ),
    path(
        "d/<slug:district>/initiatives/<int:initiative>/bring-back/",
        initiative.initiative_bring_back,
        name="initiative_bring_back",
    ),
    path("d/<slug:district>/initiatives/<int:initiative>/steps/new/", step.step_new, name="step_new"),
    path("d/<slug:district>/steps/<int:step>/", step.step, name="step"),
    path("d/<slug:district>/steps/<int:step>/edit/", step.step_edit, name="step_edit"),
    path("d/<slug:district>/steps/<int:step>/history/", step.step_history, name="step_history"),
    path("d/<slug:district>/steps/<int:step>/move/", step.step_move, name="step_move"),
    path("d/<slug:district>/steps/<int:step>/archive/", step.step_archive, name="step_archive"),
    path("d/<slug:district>/steps/<int:step>/bring-back/", step.step_bring_back, name="step_bring_back"),
    path("d/<slug:district>/steps/<int:step>/measures/new/", measure.measure_new, name="measure_new"),
    path("d/<slug:district>/steps/<int:step>/milestones/new/", step.milestone_new, name="milestone_new"),
    path(
        "d/<slug:district>/steps/<int:step>/milestones/each-year/",
        step.milestone_each_year,
        name="milestone_each_year",
    ),
    path(
        "d/<slug:district>/steps/<int:step>/buildings/", step_buildings.step_buildings, name="step_buildings"
    ),
    path("d/<slug:district>/steps/<int:step>/buildings/add/", step_buildings.step_spread, name="step_spread"),
    path(
        "d/<slug:district>/steps/<int:step>/buildings/<int:building>/",
        step_buildings.step_building,
        name="step_building",
    ),
    path(
        "d/<slug:district>/steps/<int:step>/buildings/<int:building>/history/",
        step_buildings.step_building_history,
        name="step_building_history",
    ),
    path(
        "d/<slug:district>/steps/<int:step>/buildings/<int:building>/undo/",
        step_buildings.step_building_undo,
        name="step_building_undo",
    ),
    path("d/<slug:district>/buildings/", building.buildings, name="buildings"),
    path("d/<slug:district>/buildings/new/", building.building_new, name="building_new"),
    path("d/<slug:district>/buildings/<int:building>/", building.building, name="building"),
    path("d/<slug:district>/buildings/<int:building>/edit/", building.building_edit, name="building_edit"),
    path(
        "d/<slug:district>/buildings/<int:building>/history/",
        building.building_history,
        name="building_history",
    ),
    path(
        "d/<slug:district>/buildings/<int:building>/archive/",
        building.building_archive,
        name="building_archive",
    ),
    path(
        "d/<slug:district>/buildings/<int:building>/bring-back/",
        building.building_bring_back,
        name="building_bring_back",
    ),
    path("d/<slug:district>/measures/<int:measure>/", measure.measure, name="measure"),
    path("d/<slug:district>/measures/<int:measure>/edit/", measure.measure_edit, name="measure_edit"),
    path(
        "d/<slug:district>/measures/<int:measure>/history/", measure.measure_history, name="measure_history"
    ),
    path(
        "d/<slug:district>/measures/<int:measure>/archive/", measure.measure_archive, name="measure_archive"
    ),
    path(
        "d/<slug:district>/measures/<int:measure>/bring-back/",
        measure.measure_bring_back,
        name="measure_bring_back",
    ),
    path("d/<slug:district>/measures/<int:measure>/readings/new/", measure.reading_new, name="reading_new"),
    path("d/<slug:district>/roles/", role.roles, name="roles"),
    path("d/<slug:district>/roles/new/", role.role_new, name="role_new"),
    path("d/<slug:district>/roles/powers/", role.powers, name="role_powers"),
    path("d/<slug:district>/roles/<int:role>/", role.role, name="role"),
    path("d/<slug:district>/roles/<int:role>/edit/", role.role_edit, name="role_edit"),
    path("d/<slug:district>/roles/<int:role>/history/", role.role_history, name="role_history"),
    path("d/<slug:district>/people/<int:person>/hand-over/", hand_over.hand_over, name="hand_over"),
    path("d/<slug:district>/hand-overs/<int:hand_over>/", hand_over.handed_over, name="handed_over"),
    path(
        "d/<slug:district>/hand-overs/<int:hand_over>/undo/", hand_over.hand_over_undo, name="hand_over_undo"
    ),
    # how and when: milestones/views/{worklist,check_in,milestone,dates,listing}.py
    path("d/<slug:district>/updates/", worklist.worklist, name="worklist"),
    path("d/<slug:district>/words/", words.words, name="words"),
    path("d/<slug:district>/milestones/", listing.milestone_list, name="milestones"),
    path("d/<slug:district>/milestones/<int:milestone>/", milestone.milestone, name="milestone"),
    path("d/<slug:district>/milestones/<int:milestone>/check-in/", check_in.check_in, name="check_in"),
    path("d/<slug:district>/milestones/<int:milestone>/undo/", check_in.undo, name="check_in_undo"),
    path(
        "d/<slug:district>/milestones/<int:milestone>/measures/<int:measure>/",
        check_in.number,
        name="check_in_number",
    ),
    path("d/<slug:district>/milestones/<int:milestone>/move/", dates.move, name="milestone_move"),
    path("d/<slug:district>/milestones/<int:milestone>/pause/", dates.pause, name="milestone_pause"),
    path("d/<slug:district>/milestones/<int:milestone>/resume/", dates.resume, name="milestone_resume"),
    path("d/<slug:district>/milestones/<int:milestone>/drop/", dates.drop, name="milestone_drop"),
    path(
        "d/<slug:district>/milestones/<int:milestone>/take-back/", dates.take_back, name="milestone_take_back"
    ),
    path("d/<slug:district>/milestones/<int:milestone>/edit/", milestone.edit, name="milestone_edit"),
    path(
        "d/<slug:district>/milestones/<int:milestone>/archive/", milestone.put_away, name="milestone_archive"
    ),
    path(
        "d/<slug:district>/milestones/<int:milestone>/bring-back/",
        milestone.back_again,
        name="milestone_bring_back",
    ),
    path("d/<slug:district>/slips/<int:slip>/words/", check_in.slip_words, name="slip_words"),
    path("d/<slug:district>/moves/<int:move>/decide/", dates.decide, name="move_decide"),
    # in from a file and out again: milestones/views/importing.py
    path("d/<slug:district>/import/", importing.start, name="import_start"),
    path("d/<slug:district>/import/<int:plan_import>/", importing.preview, name="import_preview"),
    path("d/<slug:district>/import/<int:plan_import>/columns/", importing.columns, name="import_columns"),
    path("d/<slug:district>/import/<int:plan_import>/apply/", importing.carry_out, name="import_apply"),
    path("d/<slug:district>/import/<int:plan_import>/undo/", importing.undo, name="import_undo"),
    path("d/<slug:district>/import/<int:plan_import>/discard/", importing.discard, name="import_discard"),
    path("d/<slug:district>/plans/<int:plan>/export/<slug:kind>/", importing.export, name="export_plan"),
]
